import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDocx, makePdf } from '../source/make-files.ts'
import { film, missingOf, picture } from '../source/media/make.ts'
import { installWith, type Project } from './installed.ts'

const missing = missingOf('ffmpeg')
/** Installs antiphon with its packages, and uses each of them. */
export function describeLeaves(packed: () => Project): void {
  let project: Project
  const at = (name: string) => join(project.folder, name)
  const ask = async (question: string, file: string) => {
    const { code, out, err } = await project.antiphon(['ask', question, '--file', file])
    return code === 0 ? out : err
  }

  beforeAll(async () => {
    project = await installWith(packed(), ['@antiphon/media', '@antiphon/langgraph'])
  })
  afterAll(() => project?.remove())

  test('read a PDF and a DOCX', async () => {
    writeFileSync(at('pier.pdf'), makePdf(['The pier opens at nine.']))
    writeFileSync(at('crew.docx'), makeDocx(['The captain is Ann.']))
    expect(await ask('When does the pier open?', 'pier.pdf')).toContain('The pier opens at nine.')
    expect(await ask('Who is the captain?', 'crew.docx')).toContain('The captain is Ann.')
  })

  test.skipIf(missing)('read a photo and a film', async () => {
    copyFileSync(picture('photo.jpg', ['PIER 7']).path, at('photo.jpg'))
    copyFileSync(film('slides.mp4', ['One', 'Two']).path, at('slides.mp4'))
    expect(await ask('How many pixels has the picture?', 'photo.jpg')).toContain('900 × 700')
    expect(await ask('What is the length of the film?', 'slides.mp4')).toContain('8 seconds')
  })

  test('draw a chart, and run graphs', async () => {
    project.write('chart.yaml', CHART)
    expect(await project.antiphon(['run', 'chart.yaml'])).toMatchObject({ code: 0 })
    project.write('graph.js', GRAPH)
    expect(await project.node('graph.js')).toEqual({ code: 0, out: 'function function function\n', err: '' })
  })

  test('say which package is missing, and how to get it', async () => {
    project.write('hidden.yaml', CHART)
    const { code, err } = await project.shell(
      'mv node_modules/@antiphon/media away; npx antiphon ask "When?" --file pier.pdf; mv away node_modules/@antiphon/media',
    )
    expect([code, err]).toEqual([0, expect.stringContaining('Run `npm install @antiphon/media@0.1.0`')])
  })
}

const CHART = `name: chart
steps:
  - id: draw
    tool: visualization
    action: create_charts
    parameters: { data: [{ a: 1, b: 2 }, { a: 2, b: 3 }], format: png, output_dir: charts }
`

const GRAPH = `import { checkpointer, graphTool, runNode } from '@antiphon/langgraph'
console.log(typeof checkpointer, typeof graphTool, typeof runNode)
`
