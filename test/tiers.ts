/**
 * The long tests of the gate: what each file promises. All other long tests run at night (`npm run test:nightly`). A
 * file of `test:long` is in one of both.
 */
const GATE: { readonly [file: string]: string } = {
  // work that must finish
  'chaos/flush': 'a pipeline survives a kill at each flush (short form)',
  'chaos/goals': 'a goal survives a kill at each flush (short form)',
  'chaos/workflows': 'a workflow survives a kill at each flush (short form)',
  'chaos/conversations': 'a conversation survives a kill at each flush (short form)',
  'engine/restate': 'Restate keeps the contract of an engine',
  'cli/migrate': 'a data folder moves to Restate and back',
  'cli/dev': 'a broken edit leaves the version before at work',
  'cli/interrupt': 'Ctrl-C keeps what was done, and says how to go on',
  // what is stored
  'store/fence': 'a process that lost the file writes nothing more',
  'store/database/writer': 'a commit is as durable as is asked',
  'store/backup': 'a backup is whole, and damage in it is found',
  'store/replica/doubts': 'a lost machine leaves no call that is made twice without a question',
  'store/restore-killed': 'a restore that was killed leaves no data folder that looks whole',
  // what strangers may do
  'sandbox/escape': 'nothing leaves a sandbox',
  'http/attacks': 'a server refuses what attacks it',
  'secret/planted': 'a declared secret lies nowhere on disk',
  // what a user installs and reads
  'package/pack': 'the package installs and runs in an empty folder',
  'package/clone': 'the first commands of the README run in a fresh clone',
  'ui/questions': 'the dashboard answers ten questions',
  docs: 'the examples of the README and of the guide run, on libSQL and on Restate',
  'docs/how-to': 'the how-to pages go as they say',
  'docs/tutorial': 'the tutorial goes as it says',
  'docs/workflow-tutorial': 'the workflow tutorial goes as it says',
  'docs/api': 'api/ has the types that the package exports',
  'recipes/recipes': 'the recipes of CONTRIBUTING.md build what they say',
  // what keeps the house in order
  'architecture/regexes': 'expressions that see text from outside are linear',
  'mutate/mutate': 'each mutation still fits the code that it changes',
}

export const GATE_FILES: readonly string[] = Object.keys(GATE).map((file) => `test/${file}.long.test.ts`)
