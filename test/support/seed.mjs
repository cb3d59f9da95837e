import fc from 'fast-check'

/** Properties look at the same cases in every run, so that a change is judged by itself; `FC_SEED=random` lets them wander. */
const { FC_SEED } = process.env
if (FC_SEED !== 'random')
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: FC_SEED === undefined ? 20_261_121 : Number(FC_SEED) })
