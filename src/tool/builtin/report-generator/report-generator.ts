import { z } from 'zod'
import { asText, type Json } from '../../../kernel/json.ts'
import { fileNameNote, READ_FIRST } from '../../../lib/file-name.ts'
import { type CallContext, defineTool, type Tool } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { filePathInput, pathsAt } from '../filesystem/path.ts'
import { writeTool } from '../filesystem/write.ts'
import { isTableRow } from '../table/table.ts'

/** Other formats are written by another tool from this markdown. */
const FORMATS = ['markdown', 'md', 'text'] as const
const NOT_MARKDOWN = 'a report is markdown; leave it out, another tool can convert the file'

const input = z
  .object({
    title: z.string().default('Report'),
    format: z.string().toLowerCase().pipe(z.enum(FORMATS, NOT_MARKDOWN)).default('markdown').describe('markdown'),
    template: z.string().optional().describe('body as markdown; templates in it are rendered'),
    content: anyJson.optional().describe('body: markdown, a list of points, or data'),
    sections: anyJson.optional().describe('list of {title, content}, or a map of contents by title'),
    metadata: z.record(z.string(), anyJson).default({}).describe('shown below the title'),
    query: z.string().optional(),
    context: anyJson.optional(),
    findings: anyJson.optional().describe('content of a separate section'),
    recommendations: anyJson.optional().describe('content of a separate section'),
    search_results: anyJson.optional().describe('{results: [{title, url, snippet}]} listed as sources'),
    extraction_results: anyJson.optional().describe('{title, url, text} shown in a separate section'),
    quality_score: z.number().optional(),
    include_visualizations: z.boolean().default(true),
    visualization_files: z.array(z.string()).default([]).describe('images shown at the end'),
    output_path: filePathInput.optional().describe('file for the report'),
  })
  .meta({
    anyOf: ['template', 'content', 'sections', 'findings', 'search_results', 'extraction_results'].map((name) => ({
      required: [name],
    })),
  })
type Call = z.infer<typeof input>

const output = z.object({
  markdown: z.string(),
  content: z.string(),
  report: z.string(),
  summary: z.string(),
  format: z.literal('markdown'),
  title: z.string(),
  word_count: z.int(),
  timestamp: z.string(),
  path: z.string().exactOptional(),
  size: z.int().exactOptional(),
})

const reportTool = (operation: 'generate' | 'create') =>
  defineTool({
    name: `report-generator:${operation}`,
    description: 'Generates a Markdown report, and saves it to a file if asked',
    input,
    output,
    paths: ['output_path'],
    changes: pathsAt(['output_path']),
    effect: 'idempotent',
    execute: makeReport,
  })

/** Reports are built from the given data only: no model is called. */
export const reportTools: readonly Tool[] = [reportTool('generate'), reportTool('create')]

async function makeReport(call: Call, context: CallContext) {
  for (const name of ['template', 'content', 'sections', 'findings', 'recommendations'] as const) {
    const warning = fileNameNote(name, call[name], READ_FIRST)
    if (warning) context.tell?.({ warning })
  }
  const body = call.template ?? (call.content === undefined ? '' : toMarkdownBlock(call.content))
  const markdown = writeReport({ title: call.title, metadata: metadataIn(call), body, sections: allSections(call) })
  return {
    markdown,
    content: markdown,
    report: markdown,
    summary: firstParagraph(markdown),
    format: 'markdown' as const,
    title: call.title,
    word_count: markdown.split(/\s+/).filter(Boolean).length,
    timestamp: new Date().toISOString(),
    ...(call.output_path !== undefined && (await writeTo(call.output_path, markdown, context))),
  }
}

async function writeTo(path: string, content: string, context: CallContext) {
  const write = { path, content, mode: 'write', encoding: 'utf-8', create_directories: true } as const
  const { size } = (await writeTool.execute(write, context)) as { readonly size: number }
  return { path, size }
}

function metadataIn({ metadata, query, quality_score }: Call): { readonly [name: string]: Json } {
  const facts = { Query: query, 'Quality score': quality_score }
  const given = Object.entries(facts).filter((entry): entry is [string, string | number] => entry[1] !== undefined)
  return { ...Object.fromEntries(given), ...metadata }
}

function allSections(call: Call): readonly ReportSection[] {
  const pictures = call.include_visualizations ? call.visualization_files : []
  const named: readonly (readonly [title: string, content: Json | undefined])[] = [
    ['Context', call.context],
    ['Findings', call.findings],
    ['Recommendations', call.recommendations],
    ['Extracted content', textIn(call.extraction_results)],
    ['Sources', sourcesIn(call.search_results)],
    ['Visualizations', pictures.length === 0 ? undefined : pictures.map((path) => `![](${path})`).join('\n\n')],
  ]
  return [
    ...parseSections(call.sections ?? null),
    ...named.flatMap(([title, content]) => (content === undefined ? [] : [{ title, content }])),
  ]
}

type Fields = { readonly [name: string]: Json | undefined }

function textIn(given: Json | undefined): Json | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const { text, content } = given as Fields
  return text ?? content ?? given
}

function sourcesIn(given: Json | undefined): string | undefined {
  const results = Array.isArray(given) ? given : (given as Fields | null | undefined)?.results
  if (!Array.isArray(results)) return undefined
  return results
    .filter((one) => one !== null)
    .map((one: Json, index) => `${index + 1}. ${isTableRow(one) ? sourceIn(one) : asText(one)}`)
    .join('\n')
}

function sourceIn({ url, title = url ?? 'untitled', snippet }: Fields): string {
  const link = url === undefined ? asText(title) : `[${asText(title)}](${asText(url)})`
  return `${link}${snippet === undefined ? '' : `: ${asText(snippet)}`}`
}

function firstParagraph(markdown: string): string {
  return (
    markdown
      .split(/\n\n+/)
      .find((part) => !/^[#\-`!]/.test(part))
      ?.trim() ?? ''
  )
}

type ReportSection = { readonly title?: string | undefined; readonly content: Json }

type MarkdownReport = {
  readonly title: string
  readonly metadata: { readonly [name: string]: Json }
  /** markdown at the start of the report */
  readonly body: string
  readonly sections: readonly ReportSection[]
}

/** Renders a report as markdown. A body with its own title keeps that title. */
function writeReport({ title, metadata, body, sections }: MarkdownReport): string {
  const parts = [
    /^\s*# /.test(body) ? '' : `# ${oneLine(title)}`,
    Object.entries(metadata)
      .map(([name, value]) => `- **${oneLine(name)}:** ${oneLine(textOf(value))}`)
      .join('\n'),
    body.trim(),
    ...sections.flatMap(({ title, content }) => [title ? `## ${oneLine(title)}` : '', toMarkdownBlock(content)]),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Texts unchanged, a list as bullet points, everything else as JSON. */
function toMarkdownBlock(content: Json): string {
  if (typeof content === 'string') return content.trim()
  if (Array.isArray(content) && content.every((item) => typeof item !== 'object'))
    return content.map((item) => `- ${oneLine(textOf(item))}`).join('\n')
  return content === null ? '' : `\`\`\`json\n${JSON.stringify(content, null, 2)}\n\`\`\``
}

/** Sections in any accepted form: a list of texts, a list of maps, or a map by title. */
function parseSections(given: Json): readonly ReportSection[] {
  if (Array.isArray(given)) return given.map((one) => sectionIn(one as Json))
  if (typeof given === 'object' && given !== null)
    return Object.entries(given).map(([title, content]) => ({ title, content: content ?? null }))
  return given === null ? [] : [{ content: given }]
}

function sectionIn(given: Json): ReportSection {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { content: given }
  const { title, heading, name, content, text, body } = given as { readonly [field: string]: Json | undefined }
  const called = [title, heading, name].find((one) => typeof one === 'string') as string | undefined
  return { title: called, content: content ?? text ?? body ?? (called === undefined ? given : null) }
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()
