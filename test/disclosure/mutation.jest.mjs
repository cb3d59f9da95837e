import base from '../../jest.config.js'

/** The disclosure tests without the canaries in every element, which would only make each mutant slower. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/disclosure/*.test.ts'],
  testPathIgnorePatterns: ['leaks', 'required-elements'],
}
