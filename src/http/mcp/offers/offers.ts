import { basename } from 'node:path'
import type { CallToolResult, Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { McpServing } from '../../../config/mcp-serving.ts'
import { InvalidError, is } from '../../../errors.ts'
import { runAsWork } from '../../../house/actors.ts'
import { allows } from '../../../house/scope.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { parse } from '../../../kernel/schema.ts'
import type { WhichPipeline } from '../../../run/room/port.ts'
import type { ToolDescription } from '../../../tool/describe.ts'
import { readBoundedYaml } from '../../../yaml/read.ts'
import type { Client } from '../../client/client.ts'
import { CALL_STEP, type McpCall, type McpCaller } from '../caller.ts'
import { type CallWork, readWork, resumeWork } from '../work.ts'
import { agentOffer } from './agent.ts'
import { askOffer } from './ask.ts'
import { readServedPipeline } from './served-files.ts'

export type Offer = {
  /** an error where it cannot be offered as it is now */
  describe(): Promise<Tool>
  /** Starts work, a run or a goal, or answers at once. */
  call(input: CallInput, call: McpCall): Promise<{ readonly work: CallWork } | { readonly result: CallToolResult }>
}

export type CallInput = { readonly [name: string]: Json }

/** Pipelines of one owner that are offered, at most. */
const MAX_PIPELINES = 200

/** All that the caller may call. The first one of a name counts: `ask` and `result`, tools, agents, files, uploads. */
export async function offersFor(caller: McpCaller, serving: McpServing): Promise<ReadonlyMap<string, Offer>> {
  const { client, owner, scopes } = caller
  const offers = new Map<string, Offer>()
  const add = (name: string, offer: Offer) => {
    // clients take letters, digits, hyphens and underscores
    const plain = name.replaceAll(/[^\w-]/g, '_').slice(0, 64)
    if (!offers.has(plain)) offers.set(plain, offer)
  }
  if (allows(scopes, 'ask')) add('ask', askOffer(client))
  if (!allows(scopes, 'run')) return offers
  add('result', resultOffer(caller))
  for (const name of serving.tools) for (const [tool, offer] of await toolOffers(caller, name)) add(tool, offer)
  for (const name of serving.agents) add(`agent:${name}`, agentOffer(caller, name, serving))
  for (const file of serving.pipelines) {
    const name = basename(file).replace(/\.ya?ml$/i, '')
    add(name, fileOffer(caller, name, file, serving))
  }
  // an admin sees those of all owners, and runs only its own
  const uploads = (await client.pipelines.list({ limit: 1000 })).filter((upload) => upload.owner === owner)
  for (const { name } of uploads.slice(0, MAX_PIPELINES)) add(name, uploadOffer(caller, name))
  return offers
}

/** The tools as clients list them. One that cannot be called now stays in the list and says why. */
export async function listTools(caller: McpCaller, serving: McpServing): Promise<Tool[]> {
  const tools: Tool[] = []
  // one by one: each pipeline is compiled
  for (const [name, offer] of await offersFor(caller, serving)) {
    try {
      tools.push({ ...(await offer.describe()), name })
    } catch (error) {
      if (!is(error) || !error.terminal) throw error
      tools.push({ name, description: `It cannot be called now: ${error.message}`, inputSchema: { type: 'object' } })
    }
  }
  return tools
}

/** A tool, or all operations of one. */
async function toolOffers({ client }: McpCaller, name: string): Promise<readonly (readonly [string, Offer])[]> {
  try {
    const found = await client.catalogue.tools(name)
    return found.map((tool) => [tool.name, toolOffer(client, tool)])
  } catch (error) {
    if (!is(error, 'NotFoundError')) throw error
    const refuse = () => Promise.reject(error)
    return [[name, { describe: refuse, call: refuse }]]
  }
}

function toolOffer({ tools }: Client, { name: tool, description, effect, input }: ToolDescription): Offer {
  return {
    describe: async () => ({
      name: tool,
      description,
      inputSchema: { ...input, type: 'object' } as Tool['inputSchema'],
      annotations: { readOnlyHint: effect === 'pure', idempotentHint: effect !== 'at-most-once' },
    }),
    async call(parameters, { id }) {
      const { id: run } = await tools.call([{ id: CALL_STEP, tool, parameters }], {
        id: `run_${id}`,
        chosenByModel: true,
      })
      return { work: runAsWork(run) }
    },
  }
}

/** A file of the configuration: sent as a text, so that over the network it reaches no more than any other. */
function fileOffer({ client }: McpCaller, name: string, file: string, serving: McpServing): Offer {
  const read = () => readServedPipeline(file, serving)
  return {
    async describe() {
      const { bundle: source, checkPin } = await read()
      const described = await describePipeline(client, name, { source }, source.text)
      checkPin()
      return described
    },
    async call(inputs, { id }) {
      const { bundle: source, checkPin } = await read()
      checkPin()
      const { id: run } = await client.runs.start({ source, inputs, id: `run_${id}` })
      return { work: runAsWork(run) }
    },
  }
}

function uploadOffer({ client }: McpCaller, name: string): Offer {
  return {
    describe: async () => describePipeline(client, name, { pipeline: name }, (await client.pipelines.get(name)).text),
    async call(inputs, { id }) {
      const { id: run } = await client.runs.start({ pipeline: name, inputs, id: `run_${id}` })
      return { work: runAsWork(run) }
    },
  }
}

async function describePipeline(
  { pipelines }: Client,
  name: string,
  which: WhichPipeline,
  text: string,
): Promise<Tool> {
  const { inputs, findings } = await pipelines.validate(which)
  const fault = findings.find(({ severity }) => severity === 'error')
  if (!inputs) throw new InvalidError(fault?.message ?? 'It does not compile.', { code: 'invalid_pipeline' })
  const description = descriptionIn(text) ?? `Runs the pipeline ${name}.`
  return { name, description, inputSchema: inputs as Tool['inputSchema'] }
}

function descriptionIn(text: string): string | undefined {
  const read = readBoundedYaml(text, 'the pipeline')
  const written = 'value' in read && isJsonObject(read.value) ? read.value.description : undefined
  return typeof written === 'string' && written.trim() !== '' ? written : undefined
}

function resultOffer({ client }: McpCaller): Offer {
  return {
    describe: async () => ({
      name: 'result',
      description:
        'Gets the result of an earlier call by its run or goal. Use it when a call says that it waits for a person, or when a call took too long. It waits until the work ends.',
      inputSchema: z.toJSONSchema(resultInput) as Tool['inputSchema'],
      annotations: { readOnlyHint: true },
    }),
    async call(input) {
      const { run } = await parse(resultInput, input, 'arguments')
      const { work } = await readWork(client, run)
      // an earlier process may have left it
      await resumeWork(client, work)
      return { work }
    },
  }
}

const resultInput = z.strictObject({
  run: z.string().min(1).max(1000).describe('the run or the goal that the call named'),
})
