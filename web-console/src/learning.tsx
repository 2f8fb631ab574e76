// How an agent was evaluated: his scores, the training notes, and his word that he has read them.

import { useEffect, useState } from "preact/hooks";

import { Problem, wordsOf } from "./parts.tsx";

interface Evaluation {
  readonly number: number;
  readonly by_name: string;
  readonly score: number;
  readonly notes: string;
  readonly confirmed: number | null;
  readonly form: { readonly name: string } | null;
}

async function api(token: string, path: string, method = "GET"): Promise<Response> {
  const answer = await fetch(`/api/me/evaluations${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error("Your evaluations could not be reached. Try again in a moment.");
  return answer;
}

/** Loads anew when `told` changes: one more notice may be one more evaluation. */
export function Learning({ token, told }: { token: string; told: number }) {
  const [evaluations, setEvaluations] = useState<readonly Evaluation[]>([]);
  const [problem, setProblem] = useState("");
  const load = async () => {
    const { evaluations: mine } = (await (await api(token, "")).json()) as { evaluations: readonly Evaluation[] };
    setEvaluations(mine);
  };
  const doing = (work: Promise<void>) => work.then(() => setProblem(""), (fault: unknown) => setProblem(wordsOf(fault)));
  useEffect(() => {
    void doing(load());
  }, [told]);
  const confirm = (number: number) => doing(api(token, `/${number}/confirm`, "POST").then(load));
  if (!evaluations.length && !problem) return null;
  return (
    <section aria-labelledby="learning-title">
      <h2 id="learning-title">Your evaluations</h2>
      <Problem words={problem} />
      <ul class="tickets">
        {evaluations.map(({ number, by_name, score, notes, confirmed, form }) => (
          <li key={number}>
            <p><strong>{form?.name ?? "Evaluation"}: {(score / 100).toFixed(1)} %</strong> {notes}<span class="meta">{by_name}</span></p>
            {confirmed === null && <button type="button" onClick={() => confirm(number)}>I have read this</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}
