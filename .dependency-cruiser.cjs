/**
 * Who may import whom, as docs/adr says in words. Each rule is a sentence; `npm run arch` prints those that do not hold.
 * A room is a folder of src that does one step of the way of the data; a pure room knows nothing but its arguments.
 */
const ROOMS = ['intake', 'mapping', 'validation', 'labelling', 'store', 'consent', 'disclosure', 'delivery', 'audit']
const PURE = '^(src/(mapping|validation|labelling|consent|disclosure|formats)|mappings)/'
const CELLAR = 'platform|model|formats'
/** What some may import beside that: the rows, the type of the seal, and for the operator's commands the wiring. */
const ALSO = {
  mapping: ['^mappings/'],
  delivery: ['^src/disclosure/seal[.]ts$'],
  http: ['^src/disclosure/seal[.]ts$'],
  worker: ['^src/disclosure/seal[.]ts$'],
  cli: ['^src/app/'],
}
/** The parts of the platform that are no machinery, and so are open to pure rooms. */
const PURE_PLATFORM = 'src/platform/(result|problem|invariant)[.]ts'

/** A folder of src that may import the cellar, itself, and what else is named. */
const only = (name, folder, also, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|mappings|test)/', pathNot: [`^src/(${CELLAR})/`, `^src/${folder}/`, ...also] },
})

const npmOnlyIn = (name, packages, folders, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^(src|mappings)/', pathNot: folders },
  to: { path: `node_modules/(@types/)?(${packages})/` },
})

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...ROOMS.map((room) =>
      only(
        `room-${room}`,
        room,
        ALSO[room] ?? [],
        `the room ${room} imports only platform, model, formats and itself: what rooms have to do with each other is said in flow/`,
      ),
    ),
    only(
      'flow',
      'flow',
      [`^src/(${ROOMS.join('|')})/`, '^mappings/'],
      'the corridor imports the rooms, the rows and the cellar, never the doors',
    ),
    ...['http', 'worker', 'cli'].map((door) =>
      only(
        `door-${door}`,
        door,
        ['^src/flow/', ...(ALSO[door] ?? [])],
        `${door} speaks to flow/ and the cellar only: a door that reaches into a room is a second way out`,
      ),
    ),
    {
      name: 'console-is-outside',
      severity: 'error',
      comment: 'the pages of the console run in a browser: of the house they know types, and nothing else',
      from: { path: '^src/console/' },
      to: { path: '^(src|mappings|test)/', pathNot: ['^src/console/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'console-knows-words',
      severity: 'error',
      comment: 'the types that the pages know are those of the model',
      from: { path: '^src/console/' },
      to: { path: '^(src|mappings|test)/', pathNot: ['^src/(console|model)/'] },
    },
    {
      name: 'nobody-imports-the-console',
      severity: 'error',
      comment: 'the pages are built and served as files; no module of the gateway imports one',
      from: { path: '^(src|mappings)/', pathNot: ['^src/console/'] },
      to: { path: '^src/console/' },
    },
    {
      name: 'seal-is-a-type-outside',
      severity: 'error',
      comment: 'what sends names the type of the sealed payload, and cannot make one',
      from: { path: '^src/(delivery|http|worker)/' },
      to: { path: '^src/disclosure/seal[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'cellar-looks-up',
      severity: 'error',
      comment: 'the cellar knows nobody: model imports model and invariants, platform imports platform and model, formats these',
      from: { path: `^src/(${CELLAR})/` },
      to: { path: '^(src|mappings|test)/', pathNot: [`^src/(${CELLAR})/`] },
    },
    {
      name: 'model-is-words',
      severity: 'error',
      comment: 'model holds words only: of the platform it imports what is pure, and nothing of formats',
      from: { path: '^src/model/' },
      to: { path: '^src/(platform|formats)/', pathNot: [PURE_PLATFORM] },
    },
    {
      name: 'platform-knows-no-format',
      severity: 'error',
      comment: 'platform knows no format',
      from: { path: '^src/platform/' },
      to: { path: '^src/formats/' },
    },
    {
      name: 'mappings-are-rows',
      severity: 'error',
      comment: 'mappings are rows over the verbs of src/mapping, and import nothing else but the words and formats',
      from: { path: '^mappings/' },
      to: { path: '^(src|test)/', pathNot: ['^src/(mapping|model|formats)/', PURE_PLATFORM] },
    },
    {
      name: 'only-wiring-knows-everybody',
      severity: 'error',
      comment: 'only main and the doors that an operator starts import the wiring in app/',
      from: { path: '^(src|mappings)/', pathNot: ['^src/app/', '^src/main[.]ts$', '^src/cli/main[.]ts$'] },
      to: { path: '^src/(app/|main[.]ts$)' },
    },
    {
      name: 'pure-no-machinery',
      severity: 'error',
      comment:
        'a pure room touches no database, clock, log, socket, file or chance: of the platform it imports result, problem and invariant',
      from: { path: PURE },
      to: { path: '^src/platform/', pathNot: [PURE_PLATFORM] },
    },
    {
      name: 'pure-no-core',
      severity: 'error',
      comment: 'a pure room imports nothing of Node: what it needs comes as an argument',
      from: { path: PURE },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-npm',
      severity: 'error',
      comment: 'of the packages a pure room imports zod and @medplum/core only',
      from: { path: PURE },
      to: { path: 'node_modules/', pathNot: 'node_modules/(zod|@medplum/(core|fhirtypes))/' },
    },
    npmOnlyIn(
      'pg-in-platform',
      'pg|pg-types|pg-pool',
      ['^src/platform/'],
      'only platform speaks to the driver: it lets no text of it out',
    ),
    npmOnlyIn(
      'pino-in-platform',
      'pino',
      ['^src/platform/'],
      'only platform/log writes the log: it takes nothing but listed events',
    ),
    npmOnlyIn('express-in-http', 'express|helmet|express-rate-limit', ['^src/(http|app)/'], 'only http knows express'),
    {
      name: 'no-test-in-product',
      severity: 'error',
      comment: 'the product imports nothing of its tests, and no package that is installed for development only',
      from: { path: '^(src|mappings)/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-dev-package-in-product',
      severity: 'error',
      comment: 'the product imports no package that is installed for development only; types are no import',
      from: { path: '^(src|mappings)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'unresolved',
      severity: 'error',
      comment: 'an import that leads nowhere',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'modules that import each other in a circle cannot be understood one by one',
      from: { path: '^(src|mappings)/' },
      to: { circular: true },
    },
    {
      name: 'no-orphan',
      severity: 'error',
      comment: 'a module that imports nobody and that nobody imports is dead',
      from: {
        orphan: true,
        path: '^(src|mappings)/',
        pathNot: ['^src/main[.]ts$', '^src/cli/main[.]ts$', '^src/console/', '^src/node24[.]mjs$'],
      },
      to: {},
    },
    {
      name: 'not-wired-up',
      severity: 'warn',
      comment: 'no door leads to this module yet: the product cannot do what it can',
      from: { path: '^src/(main|cli/main)[.]ts$' },
      to: { path: '^(src|mappings)/.*[.]ts$', pathNot: '^src/(main|cli/main)[.]ts$|^src/console/', reachable: false },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      mainFields: ['module', 'main', 'types'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
