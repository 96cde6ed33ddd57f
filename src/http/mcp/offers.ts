import { basename } from 'node:path'
import type { CallToolResult, Tool } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { allows } from '../../access/api-key.ts'
import type { McpServing } from '../../config/mcp-serving.ts'
import { isJsonObject } from '../../kernel/json.ts'
import { type Json, parse } from '../../kernel/schema.ts'
import { bundlePipeline } from '../../pipeline/language/source/bundle.ts'
import type { WhichPipeline } from '../../runtime/ports/pipelines.ts'
import type { ToolDescription } from '../../tool/describe.ts'
import { readBoundedYaml } from '../../yaml/read.ts'
import { askOffer } from './ask.ts'
import { CALL_STEP, type McpCall, type McpCaller } from './caller.ts'

/** A tool of this server. */
export type Offer = {
  /** undefined: it cannot be offered as it is now */
  describe(): Promise<Tool | undefined>
  /** Starts a run, or answers at once. */
  call(input: CallInput, call: McpCall): Promise<{ readonly run: string } | { readonly result: CallToolResult }>
}

export type CallInput = { readonly [name: string]: Json }

/** Pipelines of one owner that are offered, at most. */
const MAX_PIPELINES = 200

/** All that the caller may call, by name. Of two with one name, the first counts: `ask` and `result`, tools, files, uploads. */
export async function offersFor(caller: McpCaller, serving: McpServing): Promise<ReadonlyMap<string, Offer>> {
  const { client, scopes } = caller
  const offers = new Map<string, Offer>()
  const add = (name: string, offer: Offer) => {
    const plain = plainName(name)
    if (!offers.has(plain)) offers.set(plain, offer)
  }
  if (allows(scopes, 'ask')) add('ask', askOffer(client))
  if (!allows(scopes, 'run')) return offers
  add('result', resultOffer(caller))
  for (const tool of await servedTools(caller, serving)) add(tool.name, toolOffer(caller, tool))
  for (const file of serving.pipelines) {
    const name = basename(file).replace(/\.ya?ml$/i, '')
    add(
      name,
      pipelineOffer(caller, name, async () => ({
        source: await bundlePipeline(file, basename(file), serving.project),
      })),
    )
  }
  for (const { name } of await client.pipelines.list({ limit: MAX_PIPELINES }))
    add(
      name,
      pipelineOffer(caller, name, async () => ({ pipeline: name })),
    )
  return offers
}

/** Clients take letters, digits, hyphens and underscores. */
const plainName = (name: string) => name.replaceAll(/[^\w-]/g, '_').slice(0, 64)

async function servedTools({ client }: McpCaller, { tools }: McpServing): Promise<readonly ToolDescription[]> {
  const found = await Promise.all(tools.map((name) => client.catalogue.tools(name)))
  return found.flat().filter(({ missing }) => missing === undefined)
}

function toolOffer({ client }: McpCaller, { name, description, effect, input }: ToolDescription): Offer {
  return {
    describe: async () => ({
      name: plainName(name),
      description,
      inputSchema: { ...input, type: 'object' } as Tool['inputSchema'],
      annotations: { readOnlyHint: effect === 'pure', idempotentHint: effect !== 'at-most-once' },
    }),
    async call(parameters, { id }) {
      const { id: run } = await client.tools.call([{ id: CALL_STEP, tool: name, parameters }], {
        id,
        chosenByModel: true,
      })
      return { run }
    },
  }
}

function pipelineOffer({ client }: McpCaller, name: string, find: () => Promise<WhichPipeline>): Offer {
  return {
    async describe() {
      const which = await find()
      const { inputs } = await client.pipelines.validate(which)
      if (!inputs) return undefined
      const { text } = which.source ?? (await client.pipelines.get(name))
      const description = descriptionIn(text) ?? `Runs the pipeline ${name}.`
      return { name: plainName(name), description, inputSchema: inputs as unknown as Tool['inputSchema'] }
    },
    async call(inputs, { id }) {
      const { id: run } = await client.runs.start({ ...(await find()), inputs, id })
      return { run }
    },
  }
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
        'Gets the result of an earlier call by its run. Use it when a call says that its run waits for a person, or when a call took too long. It waits until the run ends.',
      inputSchema: z.toJSONSchema(resultInput) as Tool['inputSchema'],
      annotations: { readOnlyHint: true },
    }),
    async call(input) {
      const { run } = await parse(resultInput, input, 'arguments')
      // an earlier process may have left it
      await client.runs.resume(run)
      return { run }
    },
  }
}

const resultInput = z.strictObject({ run: z.string().min(1).max(1000).describe('the run that the call named') })
