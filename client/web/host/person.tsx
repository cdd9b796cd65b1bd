interface PersonProps {
  readonly label: string
  readonly people: readonly string[]
  readonly chosen: string
  readonly onChoose: (name: string) => void
}

/** One of those who agreed to be shown, or who are on stage. */
export const Person = ({ label, people, chosen, onChoose }: PersonProps) => (
  <label>
    {label}
    <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">Choose …</option>
      {people.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  </label>
)
