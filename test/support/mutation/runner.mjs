/**
 * A test runner for Stryker that loads all tests of a pure room once and runs them in its own process, so that a mutant
 * costs milliseconds and not a new jest environment. Tests with hooks or fake timers are not for it.
 * in: Stryker's mutants and the globs of `roomTests` in its configuration; out: which test killed which mutant.
 */
import { glob } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin'
import { determineHitLimitReached, DryRunStatus, TestStatus, toMutantRunResult } from '@stryker-mutator/api/test-runner'
import { getState, resetState } from 'jest-circus'

const GLOBALS = new URL('./globals.mjs', import.meta.url).href
const SEED = 'test/support/seed.mjs'

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === '@jest/globals') return { url: GLOBALS, format: 'module', shortCircuit: true }
    return next(specifier, context)
  },
})

const testsIn = (block, file, names = []) =>
  block.children.flatMap((child) => {
    const path = [...names, child.name]
    if (child.type === 'describeBlock') return testsIn(child, file, path)
    return child.mode === 'skip' || child.mode === 'todo' ? [] : [{ file, name: path.join(' › '), run: child.fn }]
  })

/** Each test of the room by a name that no other has. */
const load = async (patterns) => {
  const tests = new Map()
  const files = await Array.fromAsync(glob(patterns.include, { exclude: patterns.exclude ?? [] }))
  await import(pathToFileURL(SEED).href)
  for (const file of files.sort()) {
    resetState()
    await import(pathToFileURL(file).href)
    for (const test of testsIn(getState().rootDescribeBlock, file)) {
      const name = `${file}: ${test.name}`
      tests.set(tests.has(name) ? `${name} (${tests.size})` : name, test)
    }
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
    this.#tests = await load(this.#patterns)
    const names = [...this.#tests.keys()]
    const first = await this.#run(names, disableBail)
    const { mutantCoverage } = this.stryker
    this.stryker.mutantCoverage = undefined
    const again = await this.#run(names, true)
    this.#cost = new Map(again.tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))
    return { ...first, tests: first.tests.map((test, at) => worse(test, again.tests[at])), mutantCoverage }
  }

  /** @throws Error when a mutant before this one spoilt what is loaded; Stryker then asks again, in a new process */
  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, disableBail }) {
    if (this.#isSpoilt) throw new Error('a mutant left something behind')
    Object.assign(this.stryker, { mutantCoverage: undefined, hitCount: hitLimit === undefined ? undefined : 0, hitLimit })
    if (mutantActivation === 'static') this.stryker.activeMutant = activeMutant.id
    this.#tests ??= await load(this.#patterns)
    this.stryker.activeMutant = activeMutant.id
    const cheapestFirst = [...(testFilter ?? this.#tests.keys())].sort((a, b) => this.#costOf(a) - this.#costOf(b))
    const result = await this.#run(cheapestFirst, disableBail)
    const timeout = determineHitLimitReached(this.stryker.hitCount, hitLimit)
    Object.assign(this.stryker, { activeMutant: undefined, hitCount: undefined, hitLimit: undefined })
    this.#isSpoilt = await this.#leavesSomething(result)
    return toMutantRunResult(timeout ?? result)
  }

  /** Whether a test fails without the mutant too: it would "kill" all mutants that come after. */
  async #leavesSomething({ tests }) {
    for (const { id, status } of tests)
      if (status === TestStatus.Failed && (await failureOf(this.#tests.get(id).run)) !== undefined) return true
    return false
  }

  async #run(names, disableBail) {
    const tests = []
    for (const id of names) {
      const test = this.#tests.get(id)
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
