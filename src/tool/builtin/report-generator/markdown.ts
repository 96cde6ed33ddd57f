import type { Json } from '../../../kernel/schema.ts'

/** A section with an optional heading. */
export type ReportSection = { readonly title?: string | undefined; readonly content: Json }

type MarkdownReport = {
  readonly title: string
  readonly metadata: { readonly [name: string]: Json }
  /** markdown at the start of the report */
  readonly body: string
  readonly sections: readonly ReportSection[]
}

/** Renders a report as markdown. A body with its own title keeps that title. */
export function writeReport({ title, metadata, body, sections }: MarkdownReport): string {
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
export function toMarkdownBlock(content: Json): string {
  if (typeof content === 'string') return content.trim()
  if (Array.isArray(content) && content.every((item) => typeof item !== 'object'))
    return content.map((item) => `- ${oneLine(textOf(item))}`).join('\n')
  return content === null ? '' : `\`\`\`json\n${JSON.stringify(content, null, 2)}\n\`\`\``
}

/** Sections in any accepted form: a list of texts, a list of maps, or a map by title. */
export function parseSections(given: Json): readonly ReportSection[] {
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

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
