import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { isJsonObject } from '../../../kernel/json.ts'
import { readBase64, readDataUrl } from '../../../lib/media/data-url.ts'
import type { ContentBlock } from '../port.ts'
import { type ResultFault, readToolResult, type WholeResult, withoutNulls } from './tool-result.ts'

/** Where a message keeps what the client's package would refuse: it refuses all of it for one part it does not know. */
const WHOLE_META = 'antiphon/whole'

type Fields = { readonly [name: string]: unknown }

/** An answer with odd parts set aside, where the client's package lets them pass. Null stands for an absent field. */
export function withWholeResult(message: JSONRPCMessage): JSONRPCMessage {
  const { result, error, ...rest } = message as { readonly result?: unknown; readonly error?: unknown }
  if (error !== undefined && error !== null) return { ...rest, error: plainError(error) } as never
  if (result === undefined) return message
  return { ...rest, result: isJsonObject(result) ? passable(result) : setAside(result, {}) } as never
}

function plainError(error: unknown) {
  const { code, message, data } = fieldsOf(error)
  return {
    code: Number.isSafeInteger(code) ? code : -32_603,
    message: typeof message === 'string' ? message : JSON.stringify(error),
    ...(data !== undefined && { data }),
  }
}

function passable(result: Fields): Fields {
  const { _meta, ...given } = withoutNulls(result)
  const meta = fieldsOf(_meta)
  const { tools, serverInfo, resultType } = given
  if (Array.isArray(tools)) return { ...given, tools: tools.flatMap(passableTool), _meta: meta }
  if (serverInfo !== undefined)
    return { ...given, serverInfo: { name: '', version: '', ...fieldsOf(serverInfo) }, _meta: meta }
  const isOfTool = ['content', 'structuredContent', 'isError', 'toolResult'].some((name) => name in result)
  if (!isOfTool || resultType === 'input_required') return { ...given, ...(_meta !== undefined && { _meta: meta }) }
  return { ...(resultType !== undefined && { resultType }), ...setAside(result, meta) }
}

const setAside = (result: unknown, meta: Fields) => ({
  content: [],
  _meta: { ...meta, [WHOLE_META]: readToolResult(result) },
})

const passableTool = (tool: unknown) => {
  const { name, inputSchema } = fieldsOf(tool)
  if (typeof name !== 'string') return []
  return [{ name, inputSchema: passableSchema(fieldsOf(inputSchema)), _meta: { [WHOLE_META]: tool } }]
}

/** The package reads the header annotations of a schema, and refuses the whole list for an odd schema. */
function passableSchema(schema: Fields): Fields {
  const { type, properties = {}, required = [] } = schema
  const areProperties = isJsonObject(properties) && Object.values(properties).every(isJsonObject)
  const areNames = Array.isArray(required) && required.every((one) => typeof one === 'string')
  return type === 'object' && areProperties && areNames ? schema : { type: 'object' }
}

type HasMeta = { readonly _meta?: Fields | undefined }

/** The result of a call that was set aside; a message without one is an empty result. */
export function wholeIn({ _meta, ...result }: HasMeta): WholeResult | ResultFault {
  return (_meta?.[WHOLE_META] as WholeResult | ResultFault | undefined) ?? readToolResult(result)
}

/** A tool as its server described it. */
export const wholeTool = <Tool extends HasMeta>(tool: Tool): Tool => (tool._meta?.[WHOLE_META] as Tool) ?? tool

/** Whether a part of a result is of a kind that antiphon knows, and has its form. */
export function isContentBlock(block: unknown): block is ContentBlock {
  const fields = fieldsOf(block)
  const has = (...names: readonly string[]) => names.every((name) => typeof fields[name] === 'string')
  switch (fields.type) {
    case 'text':
      return has('text')
    case 'image':
    case 'audio':
      return has('data') && (isBase64(fields.data) ? has('mimeType') : isDataUrl(fields.data))
    case 'resource_link':
      return has('uri', 'name')
    case 'resource': {
      const { uri, text, blob } = fieldsOf(fields.resource)
      return typeof uri === 'string' && (typeof text === 'string' || isBase64(blob) || isDataUrl(blob))
    }
    default:
      return false
  }
}

const isBase64 = (value: unknown) => typeof value === 'string' && readBase64(value) !== undefined
/** Some servers send a data URL where the protocol has base64. */
const isDataUrl = (value: unknown) => typeof value === 'string' && readDataUrl(value) !== undefined

const fieldsOf = (value: unknown): Fields => (isJsonObject(value) ? value : {})
