import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider'
import type { Redaction } from '../../secret/redaction.ts'

type Show = Redaction['shown']

/** The model as requests leave for it: texts and values lack secrets. Names and schemas stay, as replies must fit. */
export function shownModel(model: LanguageModelV4, shown: Show): LanguageModelV4 {
  return Object.assign(Object.create(model) as LanguageModelV4, {
    doGenerate: (asked: LanguageModelV4CallOptions) => model.doGenerate(shownRequest(asked, shown)),
    doStream: (asked: LanguageModelV4CallOptions) => model.doStream(shownRequest(asked, shown)),
  })
}

function shownRequest(asked: LanguageModelV4CallOptions, shown: Show): LanguageModelV4CallOptions {
  const { prompt, tools, providerOptions } = asked
  return {
    ...asked,
    prompt: prompt.map((message) => shownMessage(message, shown)) as LanguageModelV4Prompt,
    ...(tools && {
      tools: tools.map((tool) => ('description' in tool ? shownFields(tool, ['description'], shown) : tool)),
    }),
    ...(providerOptions && { providerOptions: shown(providerOptions) }),
  }
}

function shownMessage(message: LanguageModelV4Message, shown: Show): object {
  const { content } = message
  if (typeof content === 'string') return { ...message, content: shown(content) }
  return { ...message, content: content.map((part) => shownFields(part, ['text', 'input', 'output'], shown)) }
}

/** The record with these fields as they are shown. */
function shownFields<Fields extends object>(fields: Fields, names: readonly string[], shown: Show): Fields {
  const safe = Object.entries(fields).map(([name, value]) => [name, names.includes(name) ? shown(value) : value])
  return Object.fromEntries(safe) as Fields
}

/** Cuts one field of a request. */
export const cutBy =
  (shown: Show) =>
  <Request extends object>(request: Request, field: keyof Request & string): Request =>
    shownFields(request, [field], shown)
