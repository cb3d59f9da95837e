import base from '../../jest.config.js'

/** The quick tests of the consent room; the properties run too long to be repeated for each mutant. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/consent/**/*.test.ts'],
  testPathIgnorePatterns: ['properties[.]test[.]ts$', 'exhaustive[.]test[.]ts$', 'native-record[.]test[.]ts$'],
}
