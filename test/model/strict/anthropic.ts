import { halfCharacters, isMap, nameFaults, schemaFaults } from './openai.ts'

/** What Anthropic refuses in a request for a message; a text for each fault. */
export function faultsInAnthropic(body: string): readonly string[] {
  const { messages, tools = [] } = JSON.parse(body) as Request
  const faults = [...halfCharacters(body), ...tools.flatMap(({ name }) => nameFaults(name))]
  faults.push(...tools.flatMap(({ name, input_schema: schema }) => schemaFaults(schema, name)))
  const ids = new Set<string>()
  for (const [at, { role, content }] of messages.entries()) {
    if (content.length === 0) faults.push(`message ${at} is empty`)
    if (messages[at - 1]?.role === role) faults.push(`message ${at} has the role of the one before`)
    for (const { type, text } of content)
      if (type === 'text' && text?.trim() === '') faults.push(`message ${at} has an empty text`)
    const calls = content.filter(({ type }) => type === 'tool_use')
    for (const { id = '', name, input } of calls) {
      if (!/^[A-Za-z0-9_-]+$/.test(id)) faults.push(`the id ${id}`)
      if (ids.has(id)) faults.push(`the id ${id} twice`)
      ids.add(id)
      faults.push(...nameFaults(name))
      if (!isMap(input)) faults.push(`the input ${JSON.stringify(input)}`)
    }
    const results = messages[at + 1]?.content.filter(({ type }) => type === 'tool_result') ?? []
    const answered = results.map((one) => one.tool_use_id)
    if (calls.length > 0 && JSON.stringify(answered) !== JSON.stringify(calls.map(({ id }) => id)))
      faults.push(`the calls of message ${at} have not each a result`)
  }
  return faults
}

type Block = {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
  readonly tool_use_id?: string
}
type Request = {
  readonly messages: readonly { readonly role: string; readonly content: readonly Block[] }[]
  readonly tools?: readonly { readonly name: string; readonly input_schema: unknown }[]
}
