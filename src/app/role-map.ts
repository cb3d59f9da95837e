import { ROLES, type Role } from '../model/staff.ts'

/** `compliance-officer=GROUP,operator=GROUP` as a map from the issuer's word to our role; undefined when it cannot be read. */
export const parseRoles = (text: string): ReadonlyMap<string, Role> | undefined => {
  const roles = new Map<string, Role>()
  for (const pair of text.split(',').filter((one) => one.trim() !== '')) {
    const [name = '', ...group] = pair.split('=')
    const role = ROLES.find((one) => one === name.trim())
    const word = group.join('=').trim()
    if (role === undefined || word === '') return undefined
    roles.set(word, role)
  }
  return roles
}
