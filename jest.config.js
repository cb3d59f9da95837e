/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.mjs' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  setupFiles: ['<rootDir>/test/support/seed.mjs'],
  globalTeardown: '<rootDir>/test/support/database-teardown.ts',
  modulePathIgnorePatterns: ['<rootDir>/[.]stryker', '<rootDir>/data/'],
  coverageProvider: 'v8',
  testTimeout: 60_000,
  maxWorkers: '100%',
}
