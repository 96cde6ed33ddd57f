import type { MediaPassage } from './reading.ts'

/** Subtitles of one file. */
const MAX_CUES = 10_000
const MAX_CUE = 2000

/** Seconds as a media fragment writes them. */
export const shownSeconds = (seconds: number): string => String(Math.round(seconds * 100) / 100)

/** The place of a stretch of time. */
export const timeLocator = (start: number, end: number): string => `t=${shownSeconds(start)},${shownSeconds(end)}`

const TIME = /^(?:(\d+):)?(\d\d):(\d\d)[,.](\d{3})$/

/** Whether a text begins as SRT or WebVTT does. Pure. */
export const isTimedText = (text: string): boolean =>
  /^WEBVTT(?:[ \t\r\n]|$)/.test(text) || /^\s{0,9}\d{1,9}\r?\n\d{1,9}:\d\d:\d\d[,.]\d{3} --> \d/.test(text)

/** The cues of subtitles in SRT or WebVTT. Tags of their form are cut; broken cues are left out. Pure. */
export function cuesOf(subtitles: string): { readonly passages: readonly MediaPassage[]; readonly isCut: boolean } {
  const cues = subtitles
    .replaceAll('\r', '')
    .split(/\n{2,}/)
    .flatMap(cueOf)
  return { passages: cues.slice(0, MAX_CUES), isCut: cues.length > MAX_CUES }
}

function cueOf(block: string): readonly MediaPassage[] {
  const lines = block.split('\n')
  const timed = lines.findIndex((line) => line.includes('-->'))
  const [start, end] = (lines[timed] ?? '').split('-->').map((time) => secondsOf(time.trim().split(' ')[0]!))
  const text = lines
    .slice(timed + 1)
    .join(' ')
    .replaceAll(/<v(?:\.[^<> ]*)? ([^<>]*)>/g, '$1: ')
    .replaceAll(/<\/?(?:[biu]|v|font[^<>]*|(?:c|lang|ruby|rt)[^<>]*|[\d:.]+)>|\{\\[^{}]*\}/g, '')
    .trim()
  if (start === undefined || end === undefined || end < start || text === '') return []
  return [{ text: text.slice(0, MAX_CUE), at: timeLocator(start, end), from: 'subtitle' }]
}

function secondsOf(time: string): number | undefined {
  const [, hours, minutes, seconds, ms] = TIME.exec(time) ?? []
  return ms === undefined
    ? undefined
    : Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(ms) / 1000
}

/** The chapters in the metadata that ffmpeg writes. Pure. */
export function chaptersOf(metadata: string): readonly MediaPassage[] {
  return metadata
    .split('[CHAPTER]')
    .slice(1, MAX_CUES)
    .flatMap((block) => {
      const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1]
      const [up, down] = (value('TIMEBASE') ?? '').split('/').map(Number)
      const [start, end] = [Number(value('START')), Number(value('END'))].map((ticks) => (ticks * up!) / down!)
      const title = value('title')?.replaceAll(/\\(.)/g, '$1').trim()
      if (!title || !Number.isFinite(start) || !Number.isFinite(end)) return []
      return [{ text: title.slice(0, MAX_CUE), at: timeLocator(start!, end!), from: 'chapter' as const }]
    })
}
