import { present } from '../../lib/json/present.ts'
import type { Locator } from '../document.ts'

type Box = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
type Fragment = { readonly page?: string; readonly start?: number; readonly end?: number; readonly box?: Box }

/** The place of several passages: their page, their time from the first to the last, and the box around them. Pure. */
export function joinFragments(fragments: readonly Locator[]): Locator {
  const given = [...new Set(fragments.filter((one) => one !== ''))]
  if (given.length < 2) return given[0] ?? ''
  const all = given.map(read)
  const [first] = all as [Fragment, ...Fragment[]]
  const times = all.flatMap(({ start, end }) => [start, end].filter((time) => time !== undefined))
  const isOneTime = all.every(({ start }) => start === first.start)
  return [
    ...(first.page === undefined ? [] : [`page=${first.page}`]),
    ...(times.length === 0 ? [] : [`t=${[...new Set([Math.min(...times), Math.max(...times)])].join(',')}`]),
    // boxes of several frames have nothing in common
    ...(isOneTime && all.every(({ box }) => box) ? [`xywh=${shown(around(all.map(({ box }) => box!)))}`] : []),
  ].join('&')
}

function read(fragment: Locator): Fragment {
  const fields = new URLSearchParams(fragment)
  const [start, end] = fields.get('t')?.split(',').map(Number) ?? []
  const [left, top, width, height] = fields.get('xywh')?.split(',').map(Number) ?? []
  const page = fields.get('page') ?? undefined
  return {
    ...present({ page, start, end }),
    ...(height !== undefined && { box: { left: left!, top: top!, right: left! + width!, bottom: top! + height } }),
  }
}

const around = (boxes: readonly Box[]): Box => ({
  left: Math.min(...boxes.map(({ left }) => left)),
  top: Math.min(...boxes.map(({ top }) => top)),
  right: Math.max(...boxes.map(({ right }) => right)),
  bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
})

const shown = ({ left, top, right, bottom }: Box) => [left, top, right - left, bottom - top].join(',')
