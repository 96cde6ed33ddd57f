// Reads solids as 3D printers take them, and tells them by their content.
import { defineExtension, unread } from 'antiphon/extend'

const NUMBER = String.raw`\s+(-?[\d.]+(?:e[+-]?\d+)?)`
const VERTEX = new RegExp(`^\\s*vertex${NUMBER.repeat(3)}`, 'gim')

export default defineExtension({
  name: 'solids',
  version: '0.1.0',
  readers: [
    {
      types: ['model/stl'],
      modality: '3d',
      detect(head) {
        const start = Buffer.from(head).toString('latin1')
        return start.startsWith('solid') && start.includes('facet normal') ? 'model/stl' : undefined
      },
      async read(file) {
        const text = Buffer.from(await file.read()).toString('latin1')
        const corners = [...text.matchAll(VERTEX)].map(([, ...place]) => place.map(Number))
        if (corners.length === 0) throw unread('it has no triangle')
        const [width, depth, height] = [0, 1, 2].map((axis) => {
          const places = corners.map((corner) => corner[axis] ?? 0)
          return places.reduce((a, b) => Math.max(a, b)) - places.reduce((a, b) => Math.min(a, b))
        })
        const name = file.name.replace(/\.\w+$/, '')
        return {
          form: 'text',
          text: [
            `The ${name} has ${corners.length / 3} triangles.`,
            `The ${name} is ${width} mm wide and ${depth} mm deep.`,
            `The ${name} is ${height} mm high.`,
          ].join('\n\n'),
        }
      },
    },
  ],
})
