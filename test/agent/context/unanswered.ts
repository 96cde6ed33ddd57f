import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'

type Part = { readonly type: string; readonly toolCallId?: string }

/** The ids of the calls in a request that no result follows before the next answer: providers refuse such a request. */
export function unansweredIn({ prompt }: Pick<LanguageModelV4CallOptions, 'prompt'>): readonly string[] {
  const missing: string[] = []
  let open: readonly string[] = []
  for (const { role, content } of prompt) {
    const parts = (typeof content === 'string' ? [] : content) as readonly Part[]
    const idsOf = (type: string) => parts.flatMap((part) => (part.type === type ? [part.toolCallId!] : []))
    if (role === 'assistant') {
      missing.push(...open)
      open = idsOf('tool-call')
    }
    const results = idsOf('tool-result')
    open = open.filter((id) => !results.includes(id))
  }
  return [...missing, ...open]
}
