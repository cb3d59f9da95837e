import type { House } from './house.ts'

/** Can this gateway answer now: is the store there? */
export const isReady = async (house: House): Promise<boolean> =>
  house.db.query('select 1', []).then(
    () => true,
    () => false,
  )
