import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { isAgent, partsOfAgent } from '../../agent/definition/agent-value.ts'
import type { Config } from '../../config/config.ts'
import { InvalidError } from '../../errors.ts'
import { OFFLINE_PROVIDER } from '../../model/model-id.ts'
import { PROVIDER_TYPES } from '../../model/provider/provider-types.ts'
import type { InternalParts } from '../../runtime/open/parts.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import { isWithin } from '../../tool/roots.ts'
import { withStubs } from './stubs.ts'
import type { AgentCase, AgentTest } from './suite.ts'

/** The model of a test whose agent names none. */
const TEST_MODEL = 'test/model'

/** A test with what all of its cases are opened with. */
export type PreparedTest = {
  readonly test: AgentTest
  readonly config: Config
  readonly models: NonNullable<InternalParts['models']>
  /** whether the price of its model is known */
  readonly isPriced: boolean
}

/** Reads the configuration of a test. With a model of the test, no provider is reached. */
export async function prepareTest(test: AgentTest): Promise<PreparedTest> {
  const { model, price, folder = '.' } = test
  const { loadConfig } = await import('../../config/config.ts')
  const environment = typeof model === 'object' ? withoutProviders(process.env) : process.env
  const read = await loadConfig({ folder: resolve(folder), environment })
  const { restate: _, telemetry: __, replica: ___, mcpServers, ...rest } = read
  // a case has a data folder of its own, and ends with its process
  const base: Config = { ...rest, durability: 'process', ...(mcpServers && { mcpServers }) }
  if (typeof model !== 'object') {
    const config = typeof model === 'string' ? { ...base, model } : base
    return { test, config: price && model ? priced(config, [model], price) : config, models: {}, isPriced: true }
  }
  const named = [...namedModels(test), ...(base.models ?? []).map(({ id }) => id), ...(base.model ? [base.model] : [])]
  const ids = [...new Set([TEST_MODEL, ...named])].filter((id) => !id.startsWith(`${OFFLINE_PROVIDER}/`))
  const isPriced = price !== undefined || ids.some((id) => base.models?.some((one) => one.id === id && one.cost))
  const isOffline = base.model === undefined || base.model.startsWith(`${OFFLINE_PROVIDER}/`)
  const config = { ...base, providers: {}, embedder: 'none', ...(isOffline && { model: TEST_MODEL }) }
  return {
    test,
    config: priced(config, ids, price),
    models: Object.fromEntries(ids.map((id) => [id, model])),
    isPriced,
  }
}

/** The environment without keys and addresses of providers: a test with a model of its own must not reach them. */
function withoutProviders(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const keys = new Set(Object.values(PROVIDER_TYPES).flatMap(({ keys: own = [] }) => own))
  const others = Object.entries(environment).filter(
    ([name]) => !keys.has(name) && name !== 'ANTIPHON_MODEL' && !/^\w+_BASE_URL$/.test(name),
  )
  return { ...Object.fromEntries(others), OLLAMA_BASE_URL: 'http://127.0.0.1:9/v1' }
}

/** The models that the agent and those that it may ask name, as far as they are values. */
function namedModels({ agent }: AgentTest): readonly string[] {
  if (typeof agent === 'string') return []
  const parts = partsOfAgent(agent)
  if (!parts) return 'model' in agent && typeof agent.model === 'string' ? [agent.model] : []
  const { model } = parts.fields as { readonly model?: string | readonly string[] }
  const own = model === undefined ? [] : [model].flat()
  return [
    ...own.filter((id) => id.includes('/')),
    ...parts.agents.flatMap((asked) => namedModels({ agent: asked, cases: [] })),
  ]
}

function priced(config: Config, ids: readonly string[], price: AgentTest['price']): Config {
  const others = (config.models ?? []).filter(({ id }) => !ids.includes(id))
  const described = ids.map((id) => {
    const known = config.models?.find((one) => one.id === id)
    return { ...known, id, cost: price ?? known?.cost ?? { input: 0, output: 0 } }
  })
  return { ...config, models: [...others, ...described] }
}

/** A runtime in a temporary folder. `close` removes all of it. */
type CaseRuntime = { readonly runtime: ServedRuntime; close(): Promise<void> }

/** Opens the runtime of a case: its data and the files of its tools lie in a temporary folder. */
export async function openCase({ test, config, models }: PreparedTest, one: AgentCase): Promise<CaseRuntime> {
  const { createRuntime } = await import('../../runtime/open/create-runtime.ts')
  const place = await mkdtemp(join(await realpath(tmpdir()), 'antiphon-agent-'))
  const remove = () => rm(place, { recursive: true, force: true, maxRetries: 5 })
  try {
    const root = join(place, 'files')
    await mkdir(root)
    for (const [path, text] of Object.entries(one.files ?? {})) await writeInside(root, path, text)
    const stubs = [
      ...(one.tools ?? []),
      ...(test.tools ?? []).filter(({ name }) => !one.tools?.some((own) => own.name === name)),
    ]
    const runtime = await createRuntime(
      { ...config, data: join(place, 'data'), roots: [root], writes: [root] },
      {
        root,
        models,
        ...(isAgent(test.agent) && { agents: [test.agent] }),
        replaceTools: (tools) => withStubs(tools, stubs, test.unstubbed),
        notice: () => {},
      },
    )
    const close = async () => {
      await runtime.stop({ grace: 0 })
      await remove()
    }
    return { runtime, close }
  } catch (error) {
    await remove()
    throw error
  }
}

async function writeInside(root: string, path: string, text: string): Promise<void> {
  const file = resolve(root, path)
  if (!isWithin(root, file))
    throw new InvalidError(
      `The test of an agent, \`files\`: expected a path inside the folder of the case, got ${path}.`,
      {
        code: 'invalid_agent_test',
        place: { path: 'files' },
      },
    )
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
