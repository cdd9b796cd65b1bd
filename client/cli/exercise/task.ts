import { visible } from '../../words/visible.ts'
import { paragraph } from '../layout.ts'
import { commandRows } from '../shell.ts'
import type { Task, TaskStep } from './model.ts'

/** How a run is called in a command: by its name, and by its folder where that is not the usual one. */
export interface RunPlace {
  readonly name: string
  readonly folder: string
  /** the words that say where the runs are; none where they are in the usual place */
  readonly where: readonly string[]
}

const none = { first: '' }
const commandIndent = 5

/**
 * A task as rows for a terminal or a file of that width: every command in it can be copied as it stands. The folder to go
 * to stands last, for on a small screen the beginning is out of sight by then.
 * @param bold how a row stands out there
 */
export function taskRows(
  title: string,
  task: Task,
  { name, folder, where }: RunPlace,
  width: number,
  bold: (row: string) => string,
): string[] {
  const answer = ['doormat', 'exercise', 'check', name, ...task.example, ...where]
  return [
    bold(`${name}: ${title}`),
    '',
    ...task.story.flatMap((text) => [...paragraph(text, none, width), '']),
    ...task.steps.flatMap((step, i) => stepRows(step, i + 1, width)),
    bold('QUESTION'),
    ...paragraph(task.question, { first: '  ' }, width).map(bold),
    '',
    ...paragraph(`Answer with ${task.form}. If the answer were "${task.example.join(' ')}":`, none, width),
    '',
    ...rowsOf(answer, width),
    '',
    'Before the first command, go to the files of this run:',
    '',
    ...rowsOf(['cd', folder], width),
  ]
}

const stepRows = ({ text, commands }: TaskStep, number: number, width: number): string[] => [
  ...paragraph(text, { first: `${number}. ` }, width),
  '',
  ...commands.flatMap((words) => rowsOf(words, width)),
  ...(commands.length > 0 ? [''] : []),
]

const rowsOf = (words: readonly string[], width: number) => commandRows(words, commandIndent, width).map(visible)
