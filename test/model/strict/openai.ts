/** What OpenAI refuses in a request of the chat protocol; a text for each fault. */
export function faultsInOpenAI(body: string): readonly string[] {
  const { messages, tools = [] } = JSON.parse(body) as Chat
  const names = tools.map((tool) => tool.function.name)
  const faults = [...halfCharacters(body), ...names.flatMap(nameFaults), ...tools.flatMap(toolFaults)]
  if (tools.length > 128) faults.push(`${tools.length} tools`)
  if (new Set(names).size < names.length) faults.push('two tools of one name')
  const ids = new Set<string>()
  for (let at = 0; at < messages.length; at++) {
    const { role, content, tool_calls: calls } = messages[at]!
    const isWordless = content === null || content === undefined ? calls === undefined : isEmpty(content)
    if (isWordless) faults.push(`message ${at} of ${role} is empty`)
    if (role === 'tool') faults.push(`message ${at} is a result without a call`)
    if (!calls) continue
    if (calls.length === 0) faults.push(`message ${at} has an empty list of calls`)
    for (const { id, function: call } of calls) {
      if (!/^[A-Za-z0-9_-]{1,40}$/.test(id ?? '')) faults.push(`the id ${id}`)
      if (ids.has(id)) faults.push(`the id ${id} twice`)
      ids.add(id)
      faults.push(...nameFaults(call.name), ...argumentFaults(call.arguments))
      if (!names.includes(call.name)) faults.push(`${call.name} was not offered`)
      const answer = messages[++at]
      if (answer?.role !== 'tool' || answer.tool_call_id !== id) faults.push(`the call ${id} has no result`)
      else if (isEmpty(answer.content)) faults.push(`the result of ${id} is empty`)
    }
  }
  return faults
}

type Chat = {
  readonly messages: readonly {
    readonly role: string
    readonly content?: unknown
    readonly tool_call_id?: string
    readonly tool_calls?: readonly { readonly id: string; readonly function: { name: string; arguments: string } }[]
  }[]
  readonly tools?: readonly { readonly function: { readonly name: string; readonly parameters: unknown } }[]
}

function isEmpty(content: unknown): boolean {
  if (typeof content === 'string') return content === ''
  return !Array.isArray(content) || content.length === 0 || content.some((part) => part.type === 'text' && !part.text)
}

/** JSON can name half a character, but no text has one. */
export function halfCharacters(body: string): string[] {
  const halves = JSON.stringify(JSON.parse(body)).match(/\\ud[89a-f][0-9a-f]{2}/gi)
  return halves ? [`half a character: ${halves[0]}`] : []
}

export const nameFaults = (name: unknown) =>
  /^[A-Za-z0-9_-]{1,64}$/.test(String(name ?? '')) ? [] : [`the name ${JSON.stringify(name)}`]

export function argumentFaults(text: unknown): string[] {
  try {
    return isMap(JSON.parse(String(text))) ? [] : [`the arguments ${text}`]
  } catch {
    return [`the arguments ${text}`]
  }
}

export const isMap = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const toolFaults = ({ function: tool }: NonNullable<Chat['tools']>[number]) => schemaFaults(tool.parameters, tool.name)

/** What providers refuse in the schema of a tool. */
export function schemaFaults(schema: unknown, name: string): string[] {
  if (!isMap(schema) || schema.type !== 'object') return [`the schema of ${name} is not of an object`]
  const combined = ['oneOf', 'anyOf', 'allOf', 'not', 'enum'].filter((key) => schema[key] !== undefined)
  if (combined.length > 0) return [`the schema of ${name} has ${combined} at its top`]
  return isMap(schema.properties) ? [] : [`the schema of ${name} has no properties`]
}
