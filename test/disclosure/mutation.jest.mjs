import base from '../../jest.config.js'

/** The disclosure tests without the properties, whose hundreds of runs would only make each mutant slower. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/disclosure/*.test.ts'],
  testPathIgnorePatterns: ['properties'],
}
