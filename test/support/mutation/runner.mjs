/**
 * A test runner for Stryker that loads all tests of a pure room once and runs them in its own process, so that a mutant
 * costs milliseconds and not a new jest environment. Tests with hooks or fake timers are not for it.
 * in: Stryker's mutants and the globs of `roomTests` in its configuration; out: which test killed which mutant.
 */
import { glob } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import { getState, resetState } from 'jest-circus'

const GLOBALS = new URL('./globals.mjs', import.meta.url).href
const SEED = 'test/support/seed.mjs'

/** More would fill the memory, since Node never forgets a module. */
const MAX_LOADS = 20

/** How often the room was loaded; each time under addresses of its own, so that nothing is remembered from before. */
let loads = 0

const isOfRoom = (url) => url.startsWith(pathToFileURL(process.cwd() + sep).href) && !url.includes('/node_modules/')

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === '@jest/globals') return { url: GLOBALS, format: 'module', shortCircuit: true }
    const resolved = next(specifier, context)
    return isOfRoom(resolved.url) ? { ...resolved, url: `${resolved.url.split('?')[0]}?${loads}` } : resolved
  },
})

const testsIn = (block, file, names = []) =>
  block.children.flatMap((child) => {
    const path = [...names, child.name]
    if (child.type === 'describeBlock') return testsIn(child, file, path)
    return child.mode === 'skip' || child.mode === 'todo' ? [] : [{ file, name: path.join(' › '), run: child.fn }]
  })

const filesOf = async ({ include, exclude = [] }) => (await Array.fromAsync(glob(include, { exclude }))).sort()

/** Each test of these files by a name that no other has. */
const load = async (files) => {
  loads += 1
  const tests = new Map()
  await import(`${pathToFileURL(SEED).href}?${loads}`)
  for (const file of files) {
    resetState()
    await import(`${pathToFileURL(file).href}?${loads}`)
    for (const [at, test] of testsIn(getState().rootDescribeBlock, file).entries()) tests.set(`${file} ${at}: ${test.name}`, test)
  }
  return tests
}

const failureOf = async (run) => {
  try {
    await run()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** A test that fails when it is run a second time would "kill" every mutant. */
const worse = (first, again) => (first.status === TestStatus.Failed || again === undefined ? first : again)

class InProcess {
  static inject = tokens(commonTokens.options)

  #patterns
  #tests
  #cost = new Map()
  #isSpoilt = false

  constructor(options) {
    this.#patterns = options.roomTests
    this.stryker = globalThis.__stryker__ ??= {}
  }

  capabilities() {
    return { reloadEnvironment: false }
  }

  #costOf(id) {
    return this.#cost.get(id) ?? 0
  }

  async dryRun({ coverageAnalysis, disableBail }) {
    this.stryker.mutantCoverage = coverageAnalysis === 'off' ? undefined : { static: {}, perTest: {} }
    this.#tests = await load(await filesOf(this.#patterns))
    const names = [...this.#tests.keys()]
    const first = await this.#run(this.#tests, names, disableBail)
    const { mutantCoverage } = this.stryker
    this.stryker.mutantCoverage = undefined
    const again = await this.#run(this.#tests, names, true)
    this.#cost = new Map(again.tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))
    return { ...first, tests: first.tests.map((test, at) => worse(test, again.tests[at])), mutantCoverage }
  }

  /** @throws Error when what is loaded is of no more use; Stryker then asks again, in a new process */
  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, disableBail }) {
    if (this.#isSpoilt || loads >= MAX_LOADS) throw new Error('a new process, please')
    this.stryker.mutantCoverage = undefined
    if (mutantActivation === 'static') this.stryker.activeMutant = activeMutant.id
    this.#tests ??= await load(await filesOf(this.#patterns))
    const judge = async (tests, names) => {
      Object.assign(this.stryker, { activeMutant: activeMutant.id, hitCount: hitLimit === undefined ? undefined : 0, hitLimit })
      const result = await this.#run(tests, names, disableBail)
      const timeout = determineHitLimitReached(this.stryker.hitCount, hitLimit)
      Object.assign(this.stryker, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
      this.#isSpoilt = tests === this.#tests && (await this.#leavesSomething(result))
      return toMutantRunResult(timeout ?? result)
    }
    const names = [...(testFilter ?? this.#tests.keys())].sort((a, b) => this.#costOf(a) - this.#costOf(b))
    const verdict = await judge(this.#tests, names)
    if (verdict.status !== MutantRunStatus.Survived) return verdict
    // what a module worked out once and remembers hides a change in how it does so, and is laid to one test's account
    const fresh = await load([...new Set(names.map((name) => this.#tests.get(name).file))].sort())
    return judge(fresh, [...fresh.keys()])
  }

  /** Whether a test fails without the mutant too: it would "kill" all mutants that come after. */
  async #leavesSomething({ tests }) {
    for (const { id, status } of tests)
      if (status === TestStatus.Failed && (await failureOf(this.#tests.get(id).run)) !== undefined) return true
    return false
  }

  async #run(loaded, names, disableBail) {
    const tests = []
    for (const id of names) {
      const test = loaded.get(id)
      if (test === undefined) throw new Error(`no test has the name ${id}`)
      this.stryker.currentTestId = id
      const start = performance.now()
      const failureMessage = await failureOf(test.run)
      const shared = { id, name: test.name, fileName: test.file, timeSpentMs: performance.now() - start }
      tests.push(
        failureMessage === undefined
          ? { ...shared, status: TestStatus.Success }
          : { ...shared, status: TestStatus.Failed, failureMessage },
      )
      if (failureMessage !== undefined && !disableBail) break
    }
    this.stryker.currentTestId = undefined
    return { status: DryRunStatus.Complete, tests }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcess)]

const globs = { type: 'array', items: { type: 'string' } }

export const strykerValidationSchema = {
  type: 'object',
  properties: {
    roomTests: {
      type: 'object',
      required: ['include'],
      additionalProperties: false,
      properties: { include: globs, exclude: globs },
    },
  },
}
