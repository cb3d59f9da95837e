import base from '../../jest.config.js'

/** The labelling tests without the properties, whose hundreds of runs would only make each mutant slower. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/labelling/*.test.ts'],
  testPathIgnorePatterns: ['properties'],
}
