import base from '../../jest.config.js'

const PURE = ['mapping', 'validation', 'labelling', 'consent', 'disclosure', 'formats']

/** Coverage of the rooms in which a wrong line is a wrong disclosure, by their own tests. */
/** @type {import('jest').Config} */
export default {
  ...base,
  rootDir: '../..',
  testMatch: [...PURE, 'mappings', 'cases', 'property', 'law'].map((room) => `<rootDir>/test/${room}/**/*.test.ts`),
  collectCoverage: true,
  collectCoverageFrom: [...PURE.map((room) => `src/${room}/**/*.ts`), 'mappings/**/*.ts'],
  coverageDirectory: '<rootDir>/coverage',
  coverageReporters: ['text-summary', 'json-summary'],
  coverageThreshold: { global: { statements: 85, lines: 85, functions: 85, branches: 80 } },
}
