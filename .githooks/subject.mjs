/** Checks the subject of a commit: `node subject.mjs FILE`. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOMS = ['intake', 'mapping', 'validation', 'labelling', 'store', 'consent', 'disclosure', 'delivery', 'audit']
const OTHERS = [
  'flow',
  'http',
  'console',
  'worker',
  'cli',
  'app',
  'formats',
  'model',
  'platform',
  'mappings',
  'profiles',
  'terminology',
]
const AROUND = ['test', 'law', 'demo', 'bench', 'docs', 'ci', 'release']
const PREFIXES = [...ROOMS, ...OTHERS, ...AROUND]
const LENGTH_MAX = 72

/** What is wrong with a subject, in words; nothing when it is right. */
export const faultsOf = (subject) => {
  if (/^(Merge|Revert|fixup!|squash!) ?/.test(subject)) return []
  const faults = []
  const [, prefix] = /^([a-z]+): \S/.exec(subject) ?? []
  if (!PREFIXES.includes(prefix)) faults.push(`begins with the room it changes, as "consent: …"; one of ${PREFIXES.join(' ')}`)
  if (subject.length > LENGTH_MAX) faults.push(`has at most ${LENGTH_MAX} characters, not ${subject.length}`)
  if (subject.endsWith('.')) faults.push('has no full stop')
  return faults
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [subject = ''] = readFileSync(process.argv[2], 'utf8').split('\n')
  const faults = faultsOf(subject)
  for (const fault of faults) process.stderr.write(`the subject of a commit ${fault}\n`)
  process.exitCode = faults.length === 0 ? 0 : 1
}
