import { describe, expect, it } from 'vitest'
import {
  copiedTexts,
  forbiddenImports,
  foreignModules,
  hiddenLoads,
  impurities,
  isDoor,
  isPackaged,
  longFiles,
  modelCalls,
  modulesWith,
  partOf,
  roundingParsers,
  shortcuts,
  unseeded,
} from './architecture/check.ts'
import { packageDoors, silentDoors, undocumentedExports } from './architecture/documented.ts'
import { FINDINGS, isOddHint, oddErrorTexts, oddHints } from './architecture/error-texts.ts'
import { longFunctions } from './architecture/functions.ts'
import { homeless, readHouse } from './architecture/house.ts'
import {
  ACTORS,
  CROWDED,
  DOOR_MAY_IMPORT,
  FOR_ALL,
  LARGEST_CIRCLE,
  LOAD_BY_NAME,
  LONG_FUNCTION,
  MAX_LONG_FUNCTIONS,
  MAY_IMPORT,
  MODEL_CALLS,
  NOT_FOR,
  NOT_WITHIN,
  PURE,
  SEEDED,
  STORED_NAMES,
  TOOL_CALLS,
  WITHOUT_PRODUCT_WORDS,
} from './architecture/rules.ts'
import { lowestTotal, readLines, readSizes, sizeFaults } from './architecture/sizes.ts'
import { codeFolders, readPages, readPaths, readSource, readSources, readText } from './architecture/source.ts'
import {
  ambiguousTypes,
  bannedConstants,
  bannedNames,
  bannedTypes,
  circles,
  crowdedFolders,
  literalSpreads,
  productWords,
  productWordsIn,
  stalePaths,
  unlistedFolders,
  upwardImports,
} from './architecture/structure.ts'
import { clausesFirst, oddTestNames, oddTexts, UNCHECKED_WORDS, wideComments } from './architecture/wording.ts'

const folders = codeFolders()
const sources = folders.flatMap((folder) => readSources(folder))
const trials = readSources('trials')
const pages = readPages()
const history = lowestTotal()

/** The parts with a door. */
const ROOMS = [...new Set(sources.filter(({ path }) => isDoor(path)).map(({ path }) => partOf(path)))]

describe('the source', () => {
  it('is made of known parts', () => {
    const unknown = [...new Set(sources.map(({ path }) => partOf(path)))].filter(
      (part) => !MAY_IMPORT[part] && !isPackaged(part),
    )
    // a part without a rule of its own is a room
    const doors = sources.map(({ path }) => path).filter((path) => path.endsWith('/room.ts'))
    expect(unknown.filter((part) => !doors.some((door) => door.endsWith(`/${part}/room.ts`)))).toEqual([])
  })

  it('imports only in the directions that are named', () => {
    expect(forbiddenImports(sources)).toEqual([])
  })

  it('keeps its decisions pure', () => {
    expect(impurities(sources)).toEqual([])
  })

  it('has no actor that reaches past its effects', () => {
    expect(shortcuts(sources)).toEqual([])
  })

  it('asks models in the tasks of pools, and nowhere else', () => {
    expect(modelCalls(sources)).toEqual([])
    expect(sources.filter(({ calls }) => calls.has('generate')).map(({ path }) => path)).toEqual([
      'src/budget/room/charging/metered.ts',
      'src/model/pool/generate-in-pool.ts',
      'src/telemetry/instrument.ts',
      'src/work/rules/ruled-models.ts',
    ])
  })

  it('calls models and tools inside the rules of the house, and nowhere else', () => {
    const importers = (target: string) =>
      sources
        .filter(({ imports }) => imports.some((one) => one.target === target && !one.isType))
        .map(({ path }) => path)
    expect(importers('src/budget/room/charging/metered.ts')).toEqual(['src/runtime/open/step-services.ts'])
    expect(importers('src/work/rules/ruled-models.ts')).toEqual(['src/runtime/open/step-services.ts'])
    // a step of a workflow takes its place in a pool there, and calls no tool
    const ofSteps = ['src/step/approval/ruled-call.ts', 'src/workflow/operations/step.ts']
    expect(importers('src/step/call/tool-call.ts')).toEqual(ofSteps)
    // these folders talk to databases
    const isDatabase = (path: string) => /^src\/(?:engine|store|memory|ledger|access)\//.test(path)
    const callers = sources.filter(({ path, calls }) => calls.has('execute') && !isDatabase(path))
    expect(callers.map(({ path }) => path)).toEqual(TOOL_CALLS)
  })

  it('loads nothing in a way that hides what it is', () => {
    expect(hiddenLoads(sources)).toEqual([])
  })

  it('reads foreign JSON without losing digits', () => {
    expect(roundingParsers(sources, readText)).toEqual([])
    expect(roundingParsers([{ path: 'src/tool/a.ts' }], () => 'JSON.parse(text)')).toEqual(['src/tool/a.ts'])
  })

  it('spells the names of gates in one file', () => {
    expect(copiedTexts(sources, readText)).toEqual([])
    expect(copiedTexts([{ path: 'src/cli/a.ts' }], () => "step.replace('approve_', '')")).toHaveLength(1)
  })

  it('has no file that is too long', () => {
    expect(longFiles([...sources, ...trials, ...pages])).toEqual([])
  })

  it('has few long functions', () => {
    const found = longFunctions(sources, LONG_FUNCTION)
    expect(found.length > MAX_LONG_FUNCTIONS ? found : []).toEqual([])
    // a shorter limit finds more of them
    expect(longFunctions(sources.slice(0, 100), 20).length).toBeGreaterThan(0)
  })

  it('has no more lines than `build/sizes.json` says', () => {
    expect(sizeFaults([...sources, ...pages], readSizes())).toEqual([])
    const read = readLines()
    expect(read).toHaveLength(sources.length + pages.length)
    expect(read).toEqual(expect.arrayContaining(sources.slice(0, 9).map(({ path, lines }) => ({ path, lines }))))
  })

  it.skipIf(history === undefined)('has a total that never rises (skipped without the whole history of git)', () => {
    const { total } = readSizes()
    const hint = `\`total\` in build/sizes.json only falls: write ${history} or less, and take out what is over it.`
    expect(total > history! ? [hint] : []).toEqual([])
  })

  it('has no folder with too many files', () => {
    expect(crowdedFolders([...sources, ...trials, ...pages])).toEqual([])
  })

  it('keeps the order of the folders inside an area, and lists them all', () => {
    expect(upwardImports(sources)).toEqual([])
    expect(unlistedFolders(sources)).toEqual([])
    const paths = ['src/agent/goal/x.ts', 'src/tally/room/port.ts', 'src/tally/state/x.ts', 'src/tally/actor.ts']
    expect(unlistedFolders(paths.map((path) => ({ path })))).toEqual(['src/tally/state'])
  })

  it('has a floor for each folder', () => {
    expect(homeless(sources)).toEqual([])
    expect(readHouse(sources)).toMatchObject({ pairs: [], up: [] })
    const [actor, door, work] = ['src/tally/a.ts', 'src/tally/room.ts', 'src/work/a.ts'].map((path) => ({ path }))
    expect(homeless([actor!, work!])).toEqual(['tally'])
    expect(homeless([actor!, door!, work!])).toEqual([])
    const house = readHouse([
      readSource('src/run/a.ts', "import '../pipeline/b.ts'\nimport '../errors.ts'\nimport './c.ts'"),
      readSource('src/pipeline/b.ts', "import '../run/a.ts'\nimport '../run/c.ts'"),
    ])
    const up = { from: 'run', to: 'pipeline', imports: ['src/run/a.ts imports src/pipeline/b.ts'] }
    expect(house).toMatchObject({ pairs: [up], up: [up] })
    expect(house.arrows).toHaveLength(2)
  })

  it('has no circle of imports', () => {
    expect(circles([...sources, ...trials, ...readSources('ui')], 'values')).toEqual([])
    expect(circles(sources, 'types').filter(({ length }) => length > LARGEST_CIRCLE)).toEqual([])
  })

  it('gives the name of an exported type one meaning', () => {
    expect(ambiguousTypes(sources)).toEqual([])
    expect(bannedTypes(sources)).toEqual([])
  })

  it('has a tour that names every folder, and a list of the rooms', () => {
    const [tour = ''] = readText('src/index.ts').split('*/')
    const toured = new Set(sources.flatMap(({ path }) => path.match(/^src\/([a-z]+\/)/)?.[1] ?? []))
    // the lists of rooms and of languages have a line for each of them
    const [rooms, languages] = [readText('src/rooms/rooms.ts'), readText('src/runtime/open/languages.ts')]
    const isListed = (folder: string) =>
      rooms.includes(`'../${folder}room.ts'`) || languages.includes(`'../../${folder}room/run-language.ts'`)
    expect([...toured].filter((folder) => !tour.includes(folder) && !isListed(folder))).toEqual([])
  })

  it('has a door in every folder, which says what the folder is and when to use it', () => {
    expect(silentDoors(sources, readText)).toEqual([])
    const texts: { readonly [path: string]: string } = {
      'src/model/models.ts': '/** Models. */\n\nimport a',
      'src/yaml/parse.ts': '/** YAML. Use it to read files. */\n\nimport a',
      'src/tally/a.ts': '/** A tally. Use it to count. */\n\nimport a',
    }
    const files = Object.keys(texts).map((path) => ({ path }))
    expect(silentDoors(files, (path) => texts[path]!)).toEqual(['src/model/models.ts', 'src/tally/room.ts'])
  })

  it('declares no name that does not say what it is', () => {
    expect(bannedNames(sources)).toEqual([])
    const declaring = [
      'const told = 1',
      'function f({ a: [told = 1] }) {}',
      'type T = { readonly told: 1 }',
      'const { ...told } = a',
      'a.map((told) => 1)',
      'function told() {}',
      'try {} catch (told) {}',
    ]
    for (const text of declaring)
      expect(bannedNames([readSource('src/model/a.ts', text)])).toEqual(['src/model/a.ts: told'])
    expect(bannedNames([readSource('src/model/a.ts', 'const { told: a } = b\nc.told({ told: 1 })')])).toEqual([])
  })

  it('spreads no literal object', () => {
    expect(literalSpreads([...sources, ...trials], readText)).toEqual([])
    expect(literalSpreads([{ path: 'a' }], () => 'b = {\n  ...{ c: 1 },\n  ...(d && { e: 1 }),\n}')).toEqual(['a:2'])
  })

  it('names a constant by what it bounds', () => {
    expect(bannedConstants(sources, readText)).toEqual([])
    expect(bannedConstants([{ path: 'a' }], () => 'const MOST = 3\nconst MOST_STEPS = 3\n  const MOST = 4')).toEqual([
      'a: MOST',
    ])
  })

  it('has a kernel and engines without words of the product', () => {
    expect(productWords(sources, readText)).toEqual([])
    expect(productWordsIn("// a budget\nconst runRoot = 'inbox' // aside")).toEqual(['inbox', 'root'])
  })

  it('starts a command with few modules: each of a thousand costs half a millisecond', () => {
    expect(modulesWith('src/cli/main.ts', sources)).toBeLessThan(60)
    const heavy = sources.filter(({ path }) => path.startsWith('src/cli/commands/') && modulesWith(path, sources) > 200)
    expect(heavy.map(({ path }) => path)).toEqual([])
  })

  it('has a client that needs nothing but fetch', () => {
    expect(foreignModules('src/client.ts', sources)).toEqual([])
    expect(foreignModules('src/http/client/transport/unix-socket.ts', sources)).toEqual([
      'node:fs/promises',
      'node:path',
      'node:http',
      'node:https',
      'node:stream',
    ])
  })

  it('leaves vitest to the suite of engines', () => {
    const tested = [...sources, ...trials].filter(({ path }) => /from 'vitest'/.test(readText(path)))
    expect(tested.map(({ path }) => path).filter((path) => !path.startsWith('trials/conformance'))).toEqual([])
    expect(tested).not.toEqual([])
  })

  it('has comments that begin with their subject, and texts in plain English', () => {
    const checked = [...sources, ...trials].filter(
      ({ path }) => !Object.keys(UNCHECKED_WORDS).some((folder) => path.startsWith(folder)),
    )
    expect(checked.flatMap(({ path }) => clausesFirst(path, readText(path)))).toEqual([])
    expect(checked.flatMap(({ path }) => oddTexts(path, readText(path)))).toEqual([])
    expect(
      clausesFirst('a.ts', '/**\n * What it does,\n * and when.\n */\n// Who is it?\n// An owner\n// Of two'),
    ).toEqual(['a.ts:1 What it does, and when.'])
    expect(clausesFirst('a.ts', '  // Whose it is\n  // by name')).toEqual(['a.ts:1 Whose it is by name'])
    expect(oddTexts('a.ts', "say('it is no list')\nsay('there is no list')\n// 'is told'")).toEqual([
      "a.ts:1 'it is no list'",
    ])
  })

  it('throws errors whose messages are sentences', () => {
    expect(sources.flatMap(oddErrorTexts)).toEqual([])
    expect(Object.keys(FINDINGS).filter((place) => !sources.some(({ path }) => path.startsWith(place)))).toEqual([])
    const code = `
      const refused = (message: string) => new InvalidError(message)
      refused('there is no goal')
      throw new TerminalError(\`There is no goal \${id}\`)
      throw new NotFoundError(flag ? 'There is no goal x' : 'There is no goal y.')
      throw new BusyError(\`\${path}: expected a goal\`, { cause })
      throw new InvalidError('To see it: antiphon show')`
    expect(oddErrorTexts(readSource('src/run/a.ts', code))).toEqual([
      'src/run/a.ts there is no goal',
      'src/run/a.ts There is no goal x',
      'src/run/a.ts $: expected a goal',
    ])
    const findings = `${code}\nthrow new InvalidError('there is no goal x.')`
    expect(oddErrorTexts(readSource('src/yaml/a.ts', findings))).toEqual([
      'src/yaml/a.ts There is no goal x',
      'src/yaml/a.ts there is no goal x.',
    ])
  })

  it('gives hints that are sentences', () => {
    expect(sources.flatMap(oddHints)).toEqual([])
    const hinting = "throw odd({ hint: flag ? 'save it' : 'Save it.' })\nconst MORE_HINT = 'Save it'"
    expect(oddHints(readSource('a.ts', hinting))).toEqual(['a.ts save it', 'a.ts Save it'])
    expect(['antiphon inbox', 'Write `a`.', 'To see it: antiphon show RUN'].filter(isOddHint)).toEqual([])
  })

  it('has no comment that is too wide', () => {
    expect([...sources, ...trials].flatMap(({ path }) => wideComments(path, readText(path)))).toEqual([])
    const wide = `// ${'x'.repeat(118)}`
    expect(wideComments('a.ts', `${wide}\n${wide.slice(1)}\nsay('${wide}')`)).toEqual(['a.ts:1 has 121 columns'])
  })

  it('has tests with names in plain English', () => {
    expect(readPaths('test').flatMap(({ path }) => oddTestNames(path, readText(path)))).toEqual([])
    const [name, other] = ['a list is no map', 'who is called']
    expect(
      oddTestNames('a.ts', `test('${name}')\nit.each([1])("a")\nit.each<A>(a)('${other}', x)\nsay('${name}')`),
    ).toEqual([`a.ts ${name}`, `a.ts ${other}`])
  })

  it('says of every public export what it promises', () => {
    const doors = ['src/index.ts', 'src/client.ts', ...packageDoors(sources)]
    expect(doors.flatMap((path) => undocumentedExports(path))).toEqual([])
  })
})

describe('the tests', () => {
  it('try cases by the one seed', () => {
    const drawing = readSources('test', 'fast-check')
    expect(drawing.map(({ path }) => path)).toContain(SEEDED)
    expect(unseeded(drawing)).toEqual([])
  })
})

describe('the rules', () => {
  it('name files and folders that exist', () => {
    const crowded = Object.keys(CROWDED).map((folder) => `${folder}/`)
    const places = [
      ...Object.values(MODEL_CALLS).flat(),
      ...Object.values(NOT_FOR).flat(),
      ...Object.values(NOT_WITHIN).flat(),
      ...crowded,
    ]
    expect(
      stalePaths(
        [
          ...FOR_ALL,
          ...PURE,
          ...WITHOUT_PRODUCT_WORDS,
          ...ACTORS,
          ...LOAD_BY_NAME,
          ...Object.keys(STORED_NAMES),
          ...places,
        ],
        [...sources, ...trials],
      ),
    ).toEqual([])
  })

  it('lead in one direction only', () => {
    const seen = new Set<string>()
    const visit = (part: string, above: readonly string[]): void => {
      // the documents of runs and goals stand in `contract/` until they have rooms
      if (part === 'contract' && above.length > 0) return
      expect(above).not.toContain(part)
      if (seen.has(part)) return
      const ofDoor = ROOMS.includes(part) ? [...DOOR_MAY_IMPORT.room!, ...(DOOR_MAY_IMPORT[part] ?? [])] : []
      for (const next of [...(MAY_IMPORT[part] ?? []), ...ofDoor]) visit(next, [...above, part])
      seen.add(part)
    }
    for (const part of Object.keys(MAY_IMPORT)) visit(part, [])
  })

  it.each<[path: string, text: string]>([
    ['src/pipeline/x.ts', `import { inlineEngine } from '../engine/inline/engine.ts'`],
    ['src/pipeline/x.ts', `import type { Engine } from '../engine/engine.ts'`],
    ['src/pipeline/x.ts', `export { chain } from '../chain/chain.ts'`],
    ['src/chain/x.ts', `export * from '../pipeline/run.ts'`],
    ['src/tool/x.ts', `const { openBlobs } = await import('../store/blobs.ts')`],
    ['src/tool/x.ts', `type Blobs = import('../store/blobs.ts').Blobs`],
    ['src/store/x.ts', `import '../kernel/turn.ts'`],
    ['src/store/x.ts', `new Worker(new URL('../engine/libsql/writer.ts', import.meta.url))`],
    ['src/kernel/x.ts', `import { nearest } from '../suggest.ts'`],
    ['src/errors.ts', `import type { Json } from './kernel/schema.ts'`],
    ['src/engine/x.ts', `import { createRuntime } from '../runtime/open/create-runtime.ts'`],
    ['src/engine/x.ts', `import { torture } from '../../trials/index.ts'`],
    ['src/index.ts', `export { until } from './testing/until.ts'`],
    ['src/budget/actor.ts', `import { isWait } from '../work/suspension.ts'`],
    ['src/environment/actor.ts', `import { x } from '../tally/actor.ts'`],
    ['src/budget/actor.ts', `import { budgets } from './room/contract.ts'`],
    ['src/environment/actor.ts', `import { environmentRoom } from './room.ts'`],
    ['src/environment/room.ts', `import { openRuntime } from '../runtime/open/open-runtime.ts'`],
    ['src/environment/room.ts', `import type { Config } from '../config/config.ts'`],
    ['src/agent/x.ts', `import { valueOfStep } from '../pipeline/step/values/step-values.ts'`],
    ['src/runtime/x.ts', `import { decodeStep } from '../step/messages/codec.ts'`],
  ])('see the forbidden import in %s: %s', (path, text) => {
    expect(forbiddenImports([readSource(path, text)])).toHaveLength(1)
  })

  it.each<[path: string, text: string]>([
    ['src/pipeline/x.ts', `import { effectClassOf } from '../tool/tool.ts'`],
    ['src/store/x.ts', `import type { Json } from '../kernel/schema.ts'`],
    ['src/tool/builtin/x.ts', `import { InvalidError } from '../../errors.ts'`],
    ['src/cli/commands/x.ts', `const runtime = await import('../../runtime/open/create-runtime.ts')`],
    ['src/environment/room.ts', `import type { Room } from '../house/room.ts'`],
    ['src/budget/room/contract.ts', `import { budgetRef } from '../scope.ts'`],
    ['src/pipeline/x.ts', `// import '../engine/engine.ts'\nconst text = "import '../engine/engine.ts'"`],
  ])('allow in %s: %s', (path, text) => {
    expect(forbiddenImports([readSource(path, text)])).toEqual([])
  })

  it.each([
    `import { readFile } from 'node:fs/promises'`,
    `import { setTimeout as sleep } from 'node:timers/promises'`,
    'const at = Date.now()',
    'const at = new Date()',
    'const clock = { now: Date.now }',
    'const id = Math.random()',
    'const at = performance.now()',
    'const home = process.env.HOME',
    `const got = await fetch('http://x')`,
    'setTimeout(() => {}, 1)',
  ])('see that a decision is not pure: %s', (text) => {
    expect(impurities([readSource('src/chain/protocol/recursion.ts', text)])).toHaveLength(1)
  })

  it('see what a decision runs elsewhere, and not what it takes only types from', () => {
    const elsewhere = readSource('src/chain/protocol/clock.ts', 'export const at = Date.now()')
    const running = readSource('src/chain/protocol/recursion.ts', `import { at } from './clock.ts'`)
    const typing = readSource('src/chain/protocol/recursion.ts', `import type { at } from './clock.ts'`)
    expect(impurities([running, elsewhere])).toEqual([
      'src/chain/protocol/clock.ts is not pure: Date.now (reached from src/chain/protocol/recursion.ts)',
    ])
    expect(impurities([typing, elsewhere])).toEqual([])
  })

  it.each([
    `import { createHash } from 'node:crypto'`,
    'const at = new Date(0)',
    'const made = { fetch: 1, process: 2 }.fetch',
    'type Clock = { now(): number; fetch: string }',
    '// Date.now() is not used',
  ])('take for pure: %s', (text) => {
    expect(impurities([readSource('src/chain/protocol/recursion.ts', text)])).toEqual([])
  })

  it('see an actor that reaches past its effects', () => {
    const actor = readSource('src/chain/phases/x.ts', `const a = Date.now() + Math.random(); fetch('http://x')`)
    const [inRoom, door] = ['src/tally/actor.ts', 'src/tally/room.ts'].map((path) => readSource(path, 'Date.now()'))
    expect(shortcuts([inRoom!, door!])).toEqual(['src/tally/actor.ts uses Date.now'])
    expect(shortcuts([actor])).toEqual([
      'src/chain/phases/x.ts uses Date.now',
      'src/chain/phases/x.ts uses Math.random',
      'src/chain/phases/x.ts uses fetch',
    ])
  })

  it('see a model that is asked past the pools', () => {
    const asking = readSource('src/chain/x.ts', 'const reply = await services.models.generate(request)')
    expect(modelCalls([asking])).toEqual(['src/chain/x.ts calls generate'])
    const others = 'models.transcribe(a); models.speak(a); embedder.embed(a); pool.employ(a)'
    expect(modelCalls([readSource('src/pipeline/x.ts', others)])).toEqual([
      'src/pipeline/x.ts calls embed',
      'src/pipeline/x.ts calls transcribe',
      'src/pipeline/x.ts calls speak',
      'src/pipeline/x.ts calls employ',
    ])
    expect(modelCalls([readSource('src/pipeline/x.ts', 'generate(1); const doStream = 2')])).toEqual([])
  })

  it.each([`import fc from 'fast-check'`, `import { assert } from 'fast-check'`, `await import('fast-check')`])(
    'see a test that draws its cases by a seed of its own: %s',
    (text) => {
      expect(unseeded([readSource('test/model/x.test.ts', text)])).toEqual(['test/model/x.test.ts'])
      expect(unseeded([readSource('test/property.ts', text)])).toEqual([])
      expect(unseeded([readSource('test/model/x.test.ts', `import { fc } from '../property.ts'`)])).toEqual([])
    },
  )

  it('see a load that hides its target, and a file that is too long', () => {
    expect(hiddenLoads([readSource('src/model/x.ts', 'await import(name)')])).toEqual(['src/model/x.ts'])
    expect(longFiles([readSource('src/model/x.ts', 'let a\n'.repeat(301))])).toHaveLength(1)
    expect(longFiles([readSource('src/model/x.ts', 'let a\n'.repeat(300))])).toEqual([])
  })

  it('see a circle, by values and by types', () => {
    const a = readSource('src/model/a.ts', `import { b } from './b.ts'`)
    const b = readSource('src/model/b.ts', `import type { c } from './c.ts'`)
    const c = readSource('src/model/c.ts', `import { a } from './a.ts'`)
    expect(circles([a, b, c], 'values')).toEqual([])
    expect(circles([a, b, c], 'types')).toEqual([['src/model/a.ts', 'src/model/b.ts', 'src/model/c.ts']])
    expect(circles([a, readSource('src/model/b.ts', `export * from './a.ts'`)], 'values')).toHaveLength(1)
  })

  it('see an import against the order of the folders, a crowded folder and a stale path', () => {
    const up = readSource('src/pipeline/plan/x.ts', `import type { Y } from '../step/y.ts'`)
    const down = readSource('src/pipeline/step/y.ts', `import { x } from '../plan/x.ts'`)
    expect(upwardImports([up, down])).toEqual(['src/pipeline/plan/x.ts imports src/pipeline/step/y.ts'])
    expect(upwardImports([readSource('src/engine/x.ts', `import './libsql/x.ts'`)])).toHaveLength(1)
    const many = Array.from({ length: 16 }, (_, n) => readSource(`src/model/${n}.ts`, ''))
    expect(crowdedFolders(many)).toEqual(['src/model has 16 files'])
    expect(stalePaths(['src/model/', 'src/model/1.ts', 'src/model/x.ts', 'src/mod/'], many)).toEqual([
      'src/model/x.ts',
      'src/mod/',
    ])
  })

  it('see a type name with two meanings, and one that says nothing', () => {
    const one = readSource('src/model/a.ts', 'export type Part = 1; export interface Told {}')
    const other = readSource('src/model/b.ts', `export class Part {}\nexport type { X } from './x.ts'`)
    expect(ambiguousTypes([one, other])).toEqual(['Part: src/model/a.ts, src/model/b.ts'])
    expect(bannedTypes([one, other])).toEqual(['src/model/a.ts exports Told'])
  })

  it('see a public export without a word', () => {
    const files: { readonly [path: string]: string } = {
      'src/index.ts': `export { a, type B } from './deep/mod.ts'\nexport type { C } from './deep/mod.ts'\nexport const d = 1\n`,
      'src/deep/mod.ts': `/** What a promises. */\nexport function a() {}\nexport type B = 1\nexport { C } from './c.ts'\n`,
      'src/deep/c.ts': 'const x = 1\n\nexport interface C {}\n',
    }
    expect(undocumentedExports('src/index.ts', (path) => files[path]!)).toEqual(['B', 'C', 'd'])
  })
})
