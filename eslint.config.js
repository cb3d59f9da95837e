import tseslint from 'typescript-eslint'
import house from './test/support/house-rules.mjs'

const TYPESCRIPT = ['src/**/*.{ts,tsx}', 'mappings/**/*.ts', 'test/**/*.ts']
const SHIPPED = ['src/**/*.{ts,tsx}', 'mappings/**/*.ts']
const EXPORT_BY_NAME = { selector: 'ExportDefaultDeclaration', message: 'export by name' }
const ONLY_THE_SEAL = { selector: "NewExpression[callee.name='Disclosure']", message: 'only disclosure/seal makes a Disclosure' }
/** What speaks to a person at a terminal. */
const SPEAKING = [
  'src/cli/**',
  'src/main.ts',
  'test/demo/**',
  'test/bench/**',
  'test/labelling/score.ts',
  'test/leaks/main.ts',
  'test/law/**',
  'test/support/*-process.ts',
  'test/console/browser.ts',
]

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      'data/',
      'coverage/',
      '.cache/',
      '.stryker*/',
      'reports/',
      'profiles/',
      'test/arch/fixtures/',
      'docs/',
    ],
  },
  // no comment switches a rule off: what is right is written here, for everyone
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    rules: { 'no-unused-vars': 'error', 'no-var': 'error', 'prefer-const': 'error', eqeqeq: 'error', 'no-unreachable': 'error' },
  },
  { files: TYPESCRIPT, extends: [tseslint.configs.strictTypeChecked], plugins: { house } },
  {
    files: TYPESCRIPT,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // `void append(tx, …)` would pass the default setting, and an unawaited ledger entry is a disclosure without one
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/method-signature-style': 'error',
      // HL7 v2 and redaction go through text code point by code point, on purpose
      '@typescript-eslint/no-misused-spread': 'off',
      eqeqeq: 'error',
      'house/no-console': 'error',
    },
  },
  {
    files: SHIPPED,
    rules: {
      'house/no-wall-clock': 'error',
      'house/no-chance': 'error',
      'max-lines': ['error', { max: 340 }],
      'max-lines-per-function': ['error', { max: 65, skipComments: true }],
      'no-restricted-syntax': ['error', EXPORT_BY_NAME, ONLY_THE_SEAL],
    },
  },
  // tables are as long as their sources
  { files: ['mappings/**', 'src/platform/log-events.ts'], rules: { 'max-lines': 'off' } },
  { files: SPEAKING, rules: { 'house/no-console': 'off' } },
  { files: ['src/disclosure/seal.ts'], rules: { 'no-restricted-syntax': ['error', EXPORT_BY_NAME] } },
  { files: ['src/platform/clock.ts', 'src/console/clock.ts'], rules: { 'house/no-wall-clock': 'off' } },
  // marked so only to stand out: an issuer on this machine may speak plain http, and app/config lets no other do so
  { files: ['src/http/console/oidc.ts'], rules: { '@typescript-eslint/no-deprecated': 'off' } },
  { files: ['src/platform/**'], rules: { 'house/no-chance': 'off' } },
  // markup is long and flat; what a handler starts, the page shows when it ends
  { files: ['src/console/**/*.tsx'], rules: { 'max-lines-per-function': ['error', { max: 120, skipComments: true }] } },
  {
    // the row type of a statement is the caller's word, see Tx.query
    files: ['src/platform/db*.ts'],
    rules: { '@typescript-eslint/no-unnecessary-type-parameters': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    // jest's matchers are methods without `this`
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
)
