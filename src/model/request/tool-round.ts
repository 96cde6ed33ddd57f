import type { Json } from '../../kernel/schema.ts'
import type { JsonSchema } from '../prompt/task.ts'

/** Something a model may ask for: what it is for, and a schema of what it takes. */
export type ToolOffer = { readonly name: string; readonly description: string; readonly schema: JsonSchema }

/** What a model asks for; `input` is absent when it is no JSON. */
export type ToolCall = { readonly id: string; readonly name: string; readonly input?: Json }

/** What came of a call; one that failed is told to the model as such. */
export type ToolResult = { readonly id: string; readonly name: string; readonly output: Json; readonly failed?: true }

/** A piece of what a model said, as its provider wants it back: plain data that nobody else reads. */
export type AssistantPart = { readonly type: 'text' | 'reasoning' | 'tool-call'; readonly [field: string]: Json }

/** What a model said and asked for, and what it was told. */
export type ToolRound = { readonly said: readonly AssistantPart[]; readonly results: readonly ToolResult[] }
