import type { RenderMachine } from '../../machine/machine.ts'
import { centerText, indentLines, padText, splitText, truncateWithEnd } from '../../text/strings.ts'
import { wrapText } from '../../text/wrap.ts'
import { characterCount } from '../../values/characters.ts'
import type { BoundArguments, TemplateOperations } from '../operation.ts'
import { countArgument, flagArgument, textArgument, wholeArgument } from '../operation.ts'
import { letterOperation, textOperation } from './text.ts'

/** Filters that fit text into a space. */
export const LAYOUT_FILTERS: TemplateOperations = {
  truncate: textOperation(
    'length? killwords? end? leeway?',
    "At most so many characters (255) with '...' as the last; whole words unless killwords, 5 more let pass.",
    truncateText,
  ),
  truncate_words: textOperation(
    'n? end?',
    "The first so many words (50), and '...' when there are more.",
    truncateWords,
  ),
  indent: textOperation(
    'width? first? blank?',
    'Indents all lines except the first by 4, a number or a text; first includes the first line, blank includes empty lines.',
    indentText,
  ),
  wordwrap: textOperation(
    'width? break_long_words? wrapstring? break_on_hyphens?',
    'Wraps lines at this width (79); longer words are cut unless disabled.',
    wrap,
  ),
  center: textOperation('width?', 'Centred in this width (80).', (text, args, machine) =>
    centerText(text, wholeArgument(args, 'width', 80, machine), ' ', machine),
  ),
  markdown_format: letterOperation('Adds an empty line before headings and lists, and trims.', spaceOut),
}

function truncateText(text: string, args: BoundArguments, machine: RenderMachine): string {
  const end = textArgument(args, 'end', '...', machine)
  const length = countArgument(args, 'length', 255, characterCount(end, machine), machine)
  const leeway = wholeArgument(args, 'leeway', 5, machine)
  return truncateWithEnd(text, length, flagArgument(args, 'killwords'), end, leeway, machine)
}

function truncateWords(text: string, args: BoundArguments, machine: RenderMachine): string {
  const words = splitText(text, undefined, -1, machine)
  const most = countArgument(args, 'n', 50, 0, machine)
  return words.length <= most ? text : words.slice(0, most).join(' ') + textArgument(args, 'end', '...', machine)
}

function indentText(text: string, args: BoundArguments, machine: RenderMachine): string {
  const { width } = args
  const margin =
    typeof width === 'string' ? width : padText('', wholeArgument(args, 'width', 4, machine), 'left', ' ', machine)
  return indentLines(text, margin, flagArgument(args, 'first'), flagArgument(args, 'blank'), machine)
}

function wrap(text: string, args: BoundArguments, machine: RenderMachine): string {
  const width = countArgument(args, 'width', 79, 1, machine)
  const breaks = {
    words: flagArgument(args, 'break_long_words', true),
    hyphens: flagArgument(args, 'break_on_hyphens', true),
  }
  return wrapText(text, width, breaks, textArgument(args, 'wrapstring', '\n', machine), machine)
}

const HEADING = /^#{1,6}\s/
const ITEM = /^\s*(?:[-*+]|\d{1,9}\.)\s/

function spaceOut(text: string): string {
  const lines = text.split('\n')
  const spaced = lines.flatMap((line, index) => {
    const above = lines[index - 1]
    const begins = HEADING.test(line) || (ITEM.test(line) && above !== undefined && !ITEM.test(above))
    return begins && above !== undefined && above.trim() !== '' ? ['', line] : [line]
  })
  return spaced.join('\n').trim()
}
