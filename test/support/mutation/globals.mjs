/** What `@jest/globals` gives a test, outside of jest: jest's own collector and its `expect`. */
export { describe, it, test } from 'jest-circus'
export { expect } from 'expect'
