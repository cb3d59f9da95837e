/**
 * Prints what jest counted, and ends with the line `N passed, N failed`: `node summary.mjs RESULTS.json FAILED_STEPS`.
 * A suite that could not run, and a step that failed although no test did, count as one failure each.
 */
import { readFileSync } from 'node:fs'

const [, , file, steps] = process.argv

const read = () => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0, numPendingTests: 0, numTotalTestSuites: 0 }
  }
}

const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTotalTestSuites } = read()
const inTests = numFailedTests + numRuntimeErrorTestSuites
const failed = inTests === 0 ? Number(steps) : inTests
process.stdout.write(`${numTotalTestSuites} suites, ${numPendingTests} tests skipped, ${steps} steps failed\n`)
process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`)
process.exitCode = failed === 0 && numPassedTests > 0 ? 0 : 1
