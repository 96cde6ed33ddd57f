import type { LanguageModelV4Content, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { type ScriptedModel, type ScriptedTurn, scriptedModel } from '../../../src/testing/scripted-model.ts'

/** The smallest picture. */
export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A model that follows a script, and adds a picture to each reply in which it says "a lamp" or nothing. */
export function artist(script: readonly ScriptedTurn[], id: string): ScriptedModel {
  const model = scriptedModel(script, id)
  const file = { type: 'file', mediaType: 'image/png', data: { type: 'data', data: PIXEL } } as const
  const made = (text: string) => (/^$|a lamp/i.test(text) ? [file] : [])
  const textOf = (content: readonly LanguageModelV4Content[]) =>
    content.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return {
    ...model,
    async doGenerate(options) {
      const reply = await model.doGenerate(options)
      return { ...reply, content: [...reply.content, ...made(textOf(reply.content))] }
    },
    async doStream(options) {
      const { stream } = await model.doStream(options)
      const parts: LanguageModelV4StreamPart[] = []
      for await (const part of stream) parts.push(part)
      const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')
      return { stream: ReadableStream.from([...parts.slice(0, -1), ...made(text), parts.at(-1)!]) }
    },
  }
}
