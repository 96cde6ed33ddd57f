import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '../../../../src/kernel/schema.ts'
import { createSandboxes } from '../../../../src/sandbox/choose.ts'
import { lockFileIn } from '../../../../src/tool/mcp/lock-file.ts'
import { createMcpServers } from '../../../../src/tool/mcp/servers.ts'
import { callServerTool } from '../../../../src/tool/mcp/tools.ts'
import { trustOf } from '../../../../src/tool/mcp/trust.ts'
import { questionOf } from '../../../../src/tool/question.ts'
import { createWeb } from '../../../../src/web/request.ts'

// antiphon's client as the suite starts it: with the URL of a server, and the name of a scenario

type Input = { readonly [name: string]: Json }

const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env
const url = process.argv.at(-1)!
const folder = mkdtempSync(join(tmpdir(), 'antiphon-conformance-'))
const web = createWeb()
const sandboxes = createSandboxes()
const mcp = createMcpServers(
  { peer: { type: 'http', from: 'antiphon.yaml', url, headers: {} } },
  {
    web: async () => web,
    sandboxes: async () => sandboxes,
    closed: [],
    lock: lockFileIn(folder),
    trust: trustOf(folder, { XDG_CONFIG_HOME: folder }),
    variables: { environment: {}, secret: async () => undefined },
    notice: () => {},
  },
)
// two scenarios of the suite never answer
const isAnswered = !['sse-retry', 'elicitation-sep1034-client-defaults'].includes(scenario)
const signal = AbortSignal.timeout(isAnswered ? 15_000 : 4_000)
const at = {
  signal,
  idempotencyKey: 'call-1',
  owner: 'local',
  root: folder,
  roots: [folder],
  emit() {},
  services: { web: async () => web, sandboxes: async () => sandboxes, mcp: async () => mcp },
}

/** Calls a tool as a step does. `meanwhile`: what else happens before a person has answered. */
async function call(tool: string, input: Input = {}, meanwhile = async () => {}): Promise<unknown> {
  const made = { server: 'peer', tool, input, effect: 'at-most-once', folder: undefined } as const
  try {
    return await callServerTool(made, at)
  } catch (error) {
    const question = questionOf(error)
    if (!question) throw error
    await meanwhile()
    const answers = Object.fromEntries(
      question.items.map(({ id, type }) => [id, type === 'boolean' && id !== 'decline']),
    )
    return callServerTool({ ...made, answer: { state: question.state, answers } }, at)
  }
}

const SCENARIOS: { readonly [name: string]: (tools: readonly string[]) => Promise<unknown> } = {
  initialize: async () => {},
  'request-metadata': async () => {},
  'json-schema-ref-no-deref': async () => {},
  tools_call: () => call('add_numbers', { a: 5, b: 3 }),
  'sse-retry': () => call('test_reconnection'),
  'http-standard-headers': async (tools) => {
    for (const tool of tools) await call(tool)
    const listed = await mcp.find('peer').resources(signal)
    for (const { uri } of listed) await mcp.find('peer').read(uri, signal)
  },
  'http-custom-headers': async () => {
    const { toolCalls } = JSON.parse(context) as { toolCalls: readonly { name: string; arguments: Input }[] }
    for (const { name, arguments: input } of toolCalls) await call(name, input)
  },
  'http-invalid-tool-headers': async (tools) => {
    for (const tool of tools) await call(tool, { region: 'us-west1' })
  },
  'json-schema-2020-12-preservation': async () => {
    const { json_schema_2020_12_tool: focal } = await mcp.find('peer').pins(signal)
    await call('json_schema_echo', { schema: focal!.input })
  },
  'sep-2322-client-request-state': async () => {
    await call('test_mrtr_echo_state', {}, async () => void (await call('test_mrtr_unrelated')))
    await call('test_mrtr_no_state')
    await call('test_mrtr_no_result_type')
  },
}

try {
  const tools = Object.keys(await mcp.find('peer').pins(signal))
  await (SCENARIOS[scenario] ?? (() => call(tools[0]!)))(tools)
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  await mcp.close()
  await web.close()
  rmSync(folder, { recursive: true, force: true })
}
