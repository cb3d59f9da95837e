/**
 * The house's own lint rules: time and chance come in from outside, so that a decision can be repeated and a test can foresee.
 * In which files they apply is said in eslint.config.js.
 */

/** Whether a node is `object.property` for one of the pairs. */
const isMember = (node, pairs) =>
  node.type === 'MemberExpression' &&
  !node.computed &&
  node.property.type === 'Identifier' &&
  pairs.some(
    ([object, property]) => node.object.type === 'Identifier' && node.object.name === object && node.property.name === property,
  )

/** A rule that reports what its visitor finds, in one sentence. */
const rule = (sentence, visit) => ({
  meta: { type: 'problem', schema: [], messages: { house: sentence } },
  create: (context) => visit((node) => context.report({ node, messageId: 'house' })),
})

const CLOCKS = [
  ['Date', 'now'],
  ['performance', 'now'],
  ['process', 'hrtime'],
]

const noWallClock = rule(
  'read the time from a Clock or take an Instant as an argument; only platform/clock reads the machine’s',
  (report) => ({
    MemberExpression: (node) => {
      if (isMember(node, CLOCKS)) report(node)
    },
    NewExpression: (node) => {
      if (node.callee.name === 'Date' && node.arguments.length === 0) report(node)
    },
    CallExpression: (node) => {
      if (node.callee.name === 'Date') report(node)
    },
  }),
)

const DICE = [
  ['Math', 'random'],
  ['crypto', 'randomUUID'],
  ['crypto', 'getRandomValues'],
]
const RANDOM_IMPORTS = {
  'node:crypto': ['randomUUID', 'randomInt', 'webcrypto'],
  crypto: ['randomUUID'],
  uuid: ['v1', 'v4', 'v6', 'v7'],
}

const noChance = rule('take ids and chance as an argument (newId, derivedId); only platform throws dice', (report) => ({
  MemberExpression: (node) => {
    if (isMember(node, DICE)) report(node)
  },
  ImportDeclaration: (node) => {
    const random = RANDOM_IMPORTS[node.source.value] ?? []
    for (const specifier of node.specifiers) {
      if (specifier.type === 'ImportSpecifier' && random.includes(specifier.imported.name)) report(specifier)
    }
  },
}))

const OUTPUTS = [
  ['process', 'stdout'],
  ['process', 'stderr'],
]

const noConsole = rule('log an event of platform/log; only what speaks to a person at a terminal writes there', (report) => ({
  MemberExpression: (node) => {
    if (isMember(node, OUTPUTS) || (node.object.type === 'Identifier' && node.object.name === 'console')) report(node)
  },
}))

/** Plugin for eslint.config.js. */
export default { rules: { 'no-wall-clock': noWallClock, 'no-chance': noChance, 'no-console': noConsole } }
