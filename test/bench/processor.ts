import { readFileSync, readdirSync } from 'node:fs'

/** Processor time in milliseconds, by who spent it. */
export interface Spent {
  readonly gateway: number
  readonly database: number
  readonly bench: number
}

/** Clock ticks of `/proc` in a millisecond: a hundred a second on every Linux. */
const MS_PER_TICK = 10

interface Process {
  readonly parent: number
  readonly ms: number
}

/** Own time of a process and of its children that have ended. */
const processOf = (pid: number): Process | undefined => {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    return { parent: Number(fields[1]), ms: ticks * MS_PER_TICK }
  } catch {
    return undefined
  }
}

/** The process that started another one; undefined where there is no `/proc`. */
export const parentOf = (pid: number): number | undefined => processOf(pid)?.parent

/** Processor time spent so far by a gateway, by the processes of a PostgreSQL server, and by this process; undefined where there is no `/proc`. */
export const spentBy = (gatewayPid: number, postmasterPid: number): Spent | undefined => {
  const gateway = processOf(gatewayPid)
  const postmaster = processOf(postmasterPid)
  if (gateway === undefined || postmaster === undefined) return undefined
  const backends = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processOf(Number(name)))
    .filter((one) => one?.parent === postmasterPid)
  const { user, system } = process.cpuUsage()
  return {
    gateway: gateway.ms,
    database: backends.reduce((sum, one) => sum + (one?.ms ?? 0), postmaster.ms),
    bench: (user + system) / 1000,
  }
}

/** Resident megabytes of a process; undefined where there is no `/proc`. */
export const residentMegabytes = (pid: number): number | undefined => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  } catch {
    return undefined
  }
}
