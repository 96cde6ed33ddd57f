import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

const QUICK_STARTS = [
  { title: 'AI SDK', theirs: 'ai-sdk.js', ours: 'like-ai-sdk.ts' },
  { title: 'OpenAI Agents SDK', theirs: 'openai-agents.js', ours: 'like-openai-agents.ts' },
  { title: 'Mastra', theirs: 'mastra', ours: 'like-mastra.ts' },
]

it.each(QUICK_STARTS)('the page of comparisons counts the lines of $title right', async ({ title, theirs, ours }) => {
  const page = await readFile(join(ROOT, 'docs/comparison.md'), 'utf8')
  const row = page.split('\n').find((line) => line.startsWith(`| ${title} `))!
  const cells = row.split('|').map((cell) => cell.trim())
  const there = await countCode('bench/peers/quickstarts', theirs)
  const here = await countCode('bench/quickstarts', ours)
  expect([cells[2], cells[3], cells[7], cells[8]]).toEqual(
    [there.lines, there.files, here.lines, here.files].map(String),
  )
})

async function countCode(folder: string, name: string): Promise<{ readonly lines: number; readonly files: number }> {
  const path = join(ROOT, folder, name)
  const files = /\.\w+$/.test(name) ? [path] : (await readdir(path)).map((file) => join(path, file))
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.trim() !== '' && !/^\s*\/\//.test(line))
  return { lines: lines.length, files: files.length }
}
