import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, isAbsolute, resolve } from 'node:path'
import { InvalidError, NotFoundError, problemOf } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { firstFrame } from '../../lib/stack.ts'
import { importPlugin } from '../../tool/plugin/import-plugin.ts'
import { readBoundedYaml } from '../../yaml/read.ts'
import { recordedModel } from '../recorded-model.ts'
import { stubTool } from './stub-tool.ts'
import { type AgentTest, checkTest } from './suite.ts'

const MODULES = ['.ts', '.mts', '.js', '.mjs']
const YAML = ['.yaml', '.yml']
const HINT = 'Expected a module with `export default { agent, cases }`, or a list of such tests.'

/**
 * The tests of a file: the default export of a module, or a YAML file with `agent`, `cases`, `stubs`, `replies` and
 * `model`. Names of files in it are relative to its folder. InvalidError of code `invalid_agent_test`, with the file.
 */
export async function readTestFile(file: string): Promise<readonly AgentTest[]> {
  const ending = extname(file)
  if (![...MODULES, ...YAML].includes(ending))
    throw wrong(file, `expected a file that ends in ${[...MODULES, ...YAML].join(', ')}`)
  if (!existsSync(file)) throw new NotFoundError(`There is no file ${file}.`)
  const given = YAML.includes(ending) ? await readYaml(file) : await load(file)
  if (given === undefined) throw wrong(file, 'it has no default export')
  const tests: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (tests.length === 0) throw wrong(file, 'its default export is an empty list')
  return tests.map((test) => placed(file, () => inFolder(checkTest(test), dirname(file))))
}

// a package.json of `npm init` says that .ts and .js are CommonJS
const MODULE_HINT = 'Write "type": "module" into package.json, or end the names of these files in .mts.'

async function load(file: string): Promise<unknown> {
  try {
    return await importPlugin(file, file)
  } catch (error) {
    const { message, stack } = problemOf(error)
    throw new InvalidError(`${file} cannot be loaded: ${message}`, {
      code: 'invalid_agent_test',
      place: firstFrame(stack) ?? { file },
      ...(message.includes('outside a module') && { hint: MODULE_HINT }),
      cause: error,
    })
  }
}

async function readYaml(file: string): Promise<unknown> {
  const read = readBoundedYaml(await readFile(file, 'utf8'), 'the test')
  if (!('value' in read))
    throw new InvalidError(`The test of an agent: ${read.message}`, {
      code: 'invalid_agent_test',
      place: { file, ...read.place },
    })
  const { value } = read
  if (!isJsonObject(value)) throw wrong(file, 'expected a map with the keys agent and cases', YAML_HINT)
  const { stubs, replies, model, ...rest } = value
  if (replies !== undefined && typeof replies !== 'string') throw wrong(file, '`replies`: expected the name of a file')
  const recorded = replies === undefined ? undefined : resolve(dirname(file), replies)
  const real = typeof model === 'string' ? { model } : {}
  return {
    ...rest,
    ...(stubs !== undefined && { tools: stubsIn(file, stubs) }),
    ...(model !== undefined && { model }),
    ...(recorded !== undefined && { model: recordedModel(recorded, real) }),
  }
}

const YAML_HINT = 'For example: agent: clerk.md, cases: [{ name: greets, input: Hello }].'

function stubsIn(file: string, stubs: Json) {
  if (!isJsonObject(stubs)) throw wrong(file, '`stubs`: expected the results of tools by their names')
  return Object.entries(stubs).map(([name, result]) => stubTool(name, result ?? null))
}

/** A path of an agent's file, from the folder of the test. */
function inFolder(test: AgentTest, folder: string): AgentTest {
  const { agent } = test
  if (typeof agent !== 'string' || isAbsolute(agent)) return test
  const path = resolve(folder, agent)
  return existsSync(path) ? { ...test, agent: path } : test
}

/** Names the file in the error of a wrong key. */
function placed<T>(file: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error
    const { message, code, hint, place } = error
    throw new InvalidError(message, { code, hint, place: { ...place, file } })
  }
}

const wrong = (file: string, what: string, hint = HINT) =>
  new InvalidError(`${file}: ${what}`, { code: 'invalid_agent_test', place: { file }, hint })
