import { type Machine, spendText } from '../evaluate/machine.ts'
import { lengthOf, sliceText } from '../values/characters.ts'

type Breaks = { readonly words: boolean; readonly hyphens: boolean }

/** Each line as lines of at most `width` characters, cut at spaces and hyphens; a longer word is cut or stands alone. */
export function wrapText(text: string, width: number, breaks: Breaks, joint: string, machine: Machine): string {
  const most = Math.max(width, 1)
  spendText(machine, text.length * (1 + joint.length) * 8)
  const lines = text.replace(/\n$/, '').split('\n')
  return lines.map((line) => wrapLine(line, most, breaks, machine).join(joint)).join(joint)
}

function wrapLine(line: string, width: number, breaks: Breaks, machine: Machine): readonly string[] {
  const lines: string[] = []
  let current = ''
  const close = () => {
    if (current.trimEnd() !== '') lines.push(current.trimEnd())
    current = ''
  }
  for (const chunk of chunksOf(line, breaks)) {
    if (lengthOf(current, machine) + lengthOf(chunk, machine) <= width) {
      if (chunk.trim() !== '' || current !== '' || lines.length === 0) current += chunk
      continue
    }
    if (chunk.trim() === '') {
      close()
      continue
    }
    if (lengthOf(chunk, machine) <= width || !breaks.words) {
      close()
      current = chunk
      continue
    }
    let rest = chunk
    for (let space = width - lengthOf(current, machine); rest !== ''; space = width - lengthOf(current, machine)) {
      current += sliceText(rest, 0, space, machine)
      rest = sliceText(rest, space, undefined, machine)
      if (rest !== '') close()
    }
  }
  close()
  return lines
}

/** Words and what is between them; with hyphens, also what stands before and behind those. */
function chunksOf(line: string, { hyphens }: Breaks): readonly string[] {
  const chunks = line.split(/(\s+)/).filter((chunk) => chunk !== '')
  return hyphens ? chunks.flatMap((chunk) => chunk.split(/(?<=[\p{L}\p{N}]-)(?=\p{L})/u)) : chunks
}
