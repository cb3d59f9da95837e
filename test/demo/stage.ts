import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Call } from './partners/post.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const isTerminal = process.stdout.isTTY
const paint = (code: string, text: string): string => (isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text)

/** What the audience sees: steps, what was asked, what came back, and whether it held. */
export interface Stage {
  step: (number: number, title: string) => void
  say: (line: string) => void
  /** Counts and prints one claim; `seen` is what came back, in short. */
  held: (claim: string, isTrue: boolean, seen?: string) => void
  /** Shows on a terminal that something is under way until it is done. */
  during: <T>(what: string, work: Promise<T>) => Promise<T>
  readonly score: () => { readonly held: number; readonly failed: number }
}

export const openStage = (): Stage => {
  let held = 0
  let failed = 0
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`)
  }
  return {
    step: (number, title) => {
      print(`\n${paint('1', `${String(number)}. ${title}`)}`)
    },
    say: (line) => {
      print(`   ${line}`)
    },
    held: (claim, isTrue, seen) => {
      if (isTrue) held += 1
      else failed += 1
      print(
        `   ${isTrue ? paint('32', 'held  ') : paint('31', 'FAILED')} ${claim}${seen === undefined ? '' : paint('2', `  [${seen}]`)}`,
      )
    },
    during: async (what, work) => {
      if (!isTerminal) return work
      const signs = ['|', '/', '-', '\\']
      let turn = 0
      const timer = setInterval(() => process.stdout.write(`\r   ${signs[(turn += 1) % 4] ?? ''} ${what} `), 120)
      try {
        return await work
      } finally {
        clearInterval(timer)
        process.stdout.write('\r\x1b[K')
      }
    },
    score: () => ({ held, failed }),
  }
}

/** A partner in a process of its own. */
export interface Actor {
  readonly pid: number | undefined
  ask: <T>(verb: string, args?: Readonly<Record<string, unknown>>) => Promise<T>
  leave: () => void
}

/** @param args command line of the process, such as the files of its certificate */
export const startActor = async (file: string, args: readonly string[] = []): Promise<Actor> => {
  const child = fork(`${root}test/demo/partners/${file}`, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let next = 0
  child.on('message', (answer: { id: number; value?: never; error?: string }) => {
    const one = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.error === undefined) one?.resolve(answer.value as never)
    else one?.reject(new Error(`${file}: ${answer.error}`))
  })
  const ready = new Promise<void>((resolve, reject) => {
    waiting.set(0, {
      resolve: () => {
        resolve()
      },
      reject,
    })
    child.once('exit', () => {
      reject(new Error(`${file} ended before it was ready`))
    })
  })
  await ready
  return {
    pid: child.pid,
    ask: <T>(verb: string, args: Readonly<Record<string, unknown>> = {}) =>
      new Promise<T>((resolve, reject) => {
        const id = (next += 1)
        waiting.set(id, { resolve: resolve, reject })
        const call: Call = { id, verb, with: args }
        child.send(call)
      }),
    leave: () => {
      if (child.connected) child.disconnect()
    },
  }
}

export interface Running {
  readonly fhirBase: string
  readonly origin: string
  readonly mllpPort: number
  readonly child: ChildProcess
  stop: () => Promise<void>
}

const childEnv = (settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
  const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GATEWAY_')))
  return { ...bare, ...settings }
}

/** Starts the gateway as `npm start` does, and waits for its ready line. */
export const startGateway = async (settings: Readonly<Record<string, string>>): Promise<Running> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', `${root}src/main.ts`], {
    env: childEnv(settings),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const ready = await new Promise<{ fhir: string; origin: string; mllp: number }>((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`the gateway ended with ${String(code)} before it was ready`))
    })
    lines.on('line', (line) => {
      const found = /^ready fhir=(\S+) origin=(\S+) mllp=(\S+)/.exec(line)
      if (line.includes('"level":"error"')) process.stderr.write(`${line}\n`)
      if (found?.[1] !== undefined && found[2] !== undefined)
        resolve({ fhir: found[1], origin: found[2], mllp: Number(found[3]?.split(':').pop()) })
    })
  })
  return {
    fhirBase: ready.fhir,
    origin: ready.origin,
    mllpPort: ready.mllp,
    child,
    stop: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** Runs the operator's command as a person would, and gives what it printed. */
export const gatewayCommand = async (settings: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', `${root}src/cli/main.ts`, ...args], {
    env: childEnv(settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`gateway ${args.join(' ')}: ${String(code)}\n${out}`)
  return out
}
