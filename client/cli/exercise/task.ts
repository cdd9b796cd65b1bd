import { visible } from '../../words/visible.ts'
import { paragraph } from '../layout.ts'
import { commandRows } from '../shell.ts'
import { paint } from '../terminal.ts'
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

/** A task as rows for a terminal or a file of that width: every command in it can be copied as it stands. */
export function taskRows(title: string, task: Task, { name, folder, where }: RunPlace, width: number): string[] {
  const answer = ['doormat', 'exercise', 'check', name, ...task.example, ...where]
  return [
    paint('bold', `${name}: ${title}`),
    '',
    ...task.story.flatMap((text) => [...paragraph(text, none, width), '']),
    'Go to the files of this run:',
    '',
    ...rowsOf(['cd', folder], width),
    '',
    ...task.steps.flatMap((step, i) => stepRows(step, i + 1, width)),
    paint('bold', 'QUESTION'),
    ...paragraph(task.question, { first: '  ' }, width).map((row) => paint('bold', row)),
    '',
    ...paragraph(`Answer with ${task.form}. If the answer were "${task.example.join(' ')}":`, none, width),
    '',
    ...rowsOf(answer, width),
  ]
}

const stepRows = ({ text, commands }: TaskStep, number: number, width: number): string[] => [
  ...paragraph(text, { first: `${number}. ` }, width),
  '',
  ...commands.flatMap((words) => rowsOf(words, width)),
  ...(commands.length > 0 ? [''] : []),
]

const rowsOf = (words: readonly string[], width: number) => commandRows(words, commandIndent, width).map(visible)
