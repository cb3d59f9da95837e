import { createContext, useContext } from 'react'
import type { Me } from '../model/console.ts'
import type { Permission } from '../model/staff.ts'

const Session = createContext<Me | undefined>(undefined)
export const SessionProvider = Session.Provider

/** Who is signed in; for pages, which are shown to nobody else. */
export const useMe = (): Me => {
  const me = useContext(Session)
  if (me === undefined) throw new Error('a page is shown to somebody who is signed in')
  return me
}

/** Whether the role has a right. The gateway checks it again; here it only spares people buttons that would be refused. */
export const useMay = (): ((permission: Permission) => boolean) => {
  const { rights } = useMe()
  return (permission) => rights.includes(permission)
}
