import type { Json, JsonObject } from '../../kernel/json.ts'
import type { ToolOffer } from '../../model/request/request.ts'
import { inputSchemaOf } from '../../tool/schema.ts'
import type { Tool } from '../../tool/tool.ts'
import { type CallCondition, callConditionSchema } from '../../tool/tool-request.ts'
import type { OfferedTool } from './tool-offers.ts'

/** The offers of tools, with the parameter `when` where an agent perceives an environment. Pure. */
export function offersOf(tools: Iterable<OfferedTool>, environment: string | undefined): ToolOffer[] {
  return Array.from(tools, ({ tool, offer }) =>
    tool && environment !== undefined && takesWhen(tool) ? withWhen(offer, environment) : offer,
  )
}

/** Takes the parameter `when` out of a call. A tool with a parameter of that name keeps it. Pure. */
export function takeWhen(
  tool: Tool,
  parameters: JsonObject,
  environment: string | undefined,
): { readonly parameters: JsonObject; readonly when?: CallCondition } | { readonly fault: string } {
  if (environment === undefined || !Object.hasOwn(parameters, 'when') || !takesWhen(tool)) return { parameters }
  const { when: given, ...rest } = parameters
  const when = callConditionSchema.safeParse(given).data
  if (when?.environment === environment) return { parameters: rest, when }
  return { fault: `parameters.when: expected { "environment": "${environment}", "version": N }` }
}

function takesWhen(tool: Tool): boolean {
  const schema = inputSchemaOf(tool)
  const { type, properties = {} } = (schema ?? { type: 'object' }) as {
    readonly type?: unknown
    readonly properties?: object
  }
  return type === 'object' && !Object.hasOwn(properties, 'when')
}

function withWhen(offer: ToolOffer, environment: string): ToolOffer {
  const { properties, ...schema } = offer.schema as { readonly [key: string]: Json } & { readonly properties?: object }
  const when = {
    type: 'object',
    description: 'the call is rejected unless the environment still has this version',
    properties: { environment: { type: 'string', enum: [environment] }, version: { type: 'integer', minimum: 0 } },
    required: ['environment', 'version'],
    additionalProperties: false,
  }
  return { ...offer, schema: { ...schema, properties: { ...properties, when } } as ToolOffer['schema'] }
}
