import { expect, test } from 'vitest'
import { detectModality, modalityOfAsk } from '../../../src/thread/protocol/modality.ts'
import { threadTime } from '../../thread-time.ts'

const FENCED = 'What does this do?\n```ts\nconst x = 1\n```\n'
const PNG = { type: 'file', mime: 'image/png' }

test.each([
  ['prose with a brace and the words import tax', 'Is { a set? And what is import tax from Spain; or duty?', 'text'],
  ['a fenced block that says its language', FENCED, 'code'],
  ['a script', '#!/usr/bin/env node\nconst x = 1\n', 'code'],
  ['statements', 'import { a } from "b"\nconst c = a()\n', 'code'],
  ['a fence without a language around prose', '```\nDear all,\nsee you\n```', 'text'],
  ['The prompt is empty.', '', 'text'],
])('E2: %s', (_, text, modality) => {
  expect(detectModality(text)).toBe(modality)
})

test('E2: typed parts go by their type; two kinds are multimodal; text parts by what they say', () => {
  expect(detectModality([PNG])).toBe('image')
  expect(detectModality({ type: 'file', mime: 'audio/mpeg' })).toBe('audio')
  expect(detectModality([PNG, { type: 'text', mime: 'text/plain', text: 'what is it?' }])).toBe('multimodal')
  expect(detectModality([{ type: 'text', mime: 'text/plain; charset=utf-8', text: FENCED }])).toBe('code')
  expect(detectModality([{ type: 'file', mime: 'application/json' }])).toBe('code')
})

test('E2: a model that is described is a model', () => {
  expect(detectModality({ kind: 'model', provider: 'ollama', name: 'llama3' })).toBe('model')
})

test('a stated modality wins, and vision means image', () => {
  expect(detectModality(FENCED, 'text')).toBe('text')
  expect(detectModality('look', 'vision')).toBe('image')
})

test('E2: an unknown modality is refused, not guessed', () => {
  const unknown = () => detectModality([{ type: 'file', mime: 'application/x-blob' }])
  expect(unknown).toThrow('application/x-blob')
  expect(unknown).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  expect(() => detectModality('look', 'smell')).toThrow('smell')
  expect(() => detectModality([])).toThrow('The prompt is empty.')
})

test('long text is detected in time', () => {
  const started = threadTime()
  detectModality('{;} '.repeat(100_000))
  detectModality(`${' '.repeat(19_000)}{\n`.repeat(10))
  for (const repeated of ['\n', '\t\n', 'let s\r', 'class f', '\u2028', 'let s\u2029'])
    detectModality(`${repeated.repeat(20_000)}x`)
  detectModality(`class ${'f'.repeat(30_000)}\n`)
  expect(threadTime() - started).toBeLessThan(500)
})

test.each([
  [['a.ts', 'b.md', 'c.py'], undefined, 'code'],
  [['a.ts', 'b.md'], undefined, 'text'],
  [['a.ts'], 'text', 'text'],
  [[], undefined, 'text'],
])('the files %j make an ask that states %j %s', (refs, stated, modality) => {
  const sources = refs.map((ref) => ({ id: ref, kind: 'file' as const, ref }))
  expect(modalityOfAsk('Who calls it?', sources, stated)).toBe(modality)
})

test('a folder of code makes an ask code', () => {
  const folder = { id: 'f1', kind: 'folder', ref: '/src' } as const
  expect(modalityOfAsk('Who calls it?', [{ ...folder, modality: 'code' }])).toBe('code')
  expect(modalityOfAsk('Who calls it?', [folder])).toBe('text')
})

test('a text that is code by its content makes an ask code, unless the ask states another modality', () => {
  const notes = { id: 'f1', kind: 'file', ref: 'notes.txt', modality: 'code' } as const
  expect(modalityOfAsk('Who calls it?', [notes])).toBe('code')
  expect(modalityOfAsk('Who calls it?', [notes], 'text')).toBe('text')
})

test.each([
  [['a.png'], 'image'],
  [['a.mp3', 'b.flac'], 'audio'],
  [['a.mp4'], 'video'],
  [['a.gguf'], 'model'],
  [['a.png', 'b.mp3'], 'multimodal'],
  [['a.png', 'note.md'], 'multimodal'],
  [['note.md'], 'text'],
] as const)('files %j make a question %s', (files, modality) => {
  const sources = files.map((ref, place) => ({ id: `f${place}`, kind: 'file' as const, ref }))
  expect(modalityOfAsk('What is it?', sources)).toBe(modality)
})
