/** What lies below the runtime. */
const BELOW = [
  'pipeline',
  'chain',
  'access',
  'budget',
  'tool',
  'model',
  'template',
  'secret',
  'worker',
  'engine',
  'store',
  'kernel',
  'yaml',
] as const

/** Who may import whom. A part is a folder of src/ or a file in it; what is not named here is forbidden. */
export const MAY_IMPORT: { readonly [part: string]: readonly string[] } = {
  index: ['runtime', 'config', 'testing', 'http', ...BELOW],
  client: ['http', 'runtime', 'pipeline'],
  cli: ['http', 'runtime', 'config', ...BELOW],
  http: ['runtime', 'config', ...BELOW],
  runtime: ['config', ...BELOW],
  config: ['model', 'secret', 'worker', 'yaml'],
  testing: ['engine', 'store', 'kernel'],
  pipeline: ['tool', 'model', 'secret', 'template', 'worker', 'budget', 'kernel', 'yaml'],
  chain: ['tool', 'model', 'worker', 'budget', 'kernel'],
  access: ['kernel'],
  budget: ['kernel'],
  tool: ['model', 'secret', 'template', 'worker', 'kernel'],
  model: ['template', 'worker', 'secret', 'store'],
  engine: ['store', 'kernel'],
  worker: ['store'],
  secret: ['store'],
  template: [],
  kernel: [],
  yaml: [],
  store: [],
  observe: [],
  lib: [],
  errors: [],
}

/** What everybody may import: leaves that import nothing of ours, and the types of plain data. */
export const FOR_ALL = ['src/errors.ts', 'src/lib/', 'src/observe/', 'src/kernel/schema.ts']

/** Exceptions to that: leaves import nothing of ours, and the kernel is to be read on its own. */
export const NOT_FOR: { readonly [part: string]: readonly string[] } = {
  kernel: ['src/lib/', 'src/observe/'],
  lib: FOR_ALL,
  errors: FOR_ALL.filter((leaf) => leaf !== 'src/lib/'),
  observe: ['src/lib/', 'src/kernel/schema.ts'],
}

/** Decisions: no clock, no random, no disk, no network, and nothing that they run has any either. */
export const PURE = [
  'src/kernel/',
  'src/pipeline/language/compile.ts',
  'src/pipeline/language/actions/',
  'src/pipeline/language/auto/',
  'src/pipeline/language/check/',
  'src/pipeline/language/diagnostics/',
  'src/pipeline/language/link/',
  'src/pipeline/language/parse/',
  'src/pipeline/language/schema/',
  'src/pipeline/graph/',
  'src/chain/protocol/recursion.ts',
  'src/chain/context/',
  'src/chain/protocol/context-operations.ts',
  'src/model/choose/choose.ts',
  'src/budget/reservation.ts',
  'src/worker/scaling/autoscale.ts',
  'src/worker/scaling/topology.ts',
  'src/worker/scaling/default-sizes.ts',
  'src/worker/scaling/cgroup.ts',
  'src/worker/scaling/policy.ts',
  'src/worker/pool-id.ts',
]
export const PURE_MODULES = ['node:crypto']
export const IMPURE_GLOBALS = [
  'Date.now',
  'new Date()',
  'Math.random',
  'crypto.randomUUID',
  'performance',
  'process',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
]

/** Folders with actors: time comes from `effects.now`, ids from `childId`, everything else through `effects.run`. */
export const ACTORS = ['src/pipeline/', 'src/chain/', 'src/access/', 'src/budget/']
export const NOT_IN_ACTORS = ['Date.now', 'new Date()', 'Math.random', 'crypto.randomUUID', 'fetch']

/** What stands between a task of a pool and the model it asks. */
const BETWEEN = ['src/runtime/telemetry/instrument.ts', 'src/runtime/budgets/metered-models.ts']

/** What asks a model, and who may do so: the model's own folder by its provider, and for all others a task of a pool. */
export const MODEL_CALLS: { readonly [call: string]: readonly string[] } = {
  generate: ['src/model/pool/generate-in-pool.ts', ...BETWEEN],
  generateReply: ['src/model/'],
  doGenerate: ['src/model/'],
  doStream: ['src/model/'],
  embed: ['src/model/', ...BETWEEN],
  transcribe: ['src/model/audio/audio-in-pool.ts', ...BETWEEN],
  speak: ['src/model/audio/audio-in-pool.ts', ...BETWEEN],
  doEmbed: ['src/model/'],
  employ: ['src/model/pool/call-in-pool.ts'],
}

/** Files that load what a user names. */
export const LOAD_BY_NAME = [
  'src/tool/plugins.ts',
  'src/model/provider/load.ts',
  'src/worker/isolation/call.ts',
  'src/worker/offload/thread-entry.ts',
]

/** Lines after which a file is to be split by idea. */
export const LONGEST_FILE = 300

/** The file by which tests have fast-check. */
export const SEEDED = 'test/property.ts'
