// The desk's categories, as everybody may know them.

import { signal } from "@preact/signals";

export interface Category {
  readonly name: string;
  /** Whether posts are taken before an agent has the chat. */
  readonly early_posts?: boolean;
}

export const categories = signal<readonly Category[]>([]);

export async function loadCategories(): Promise<void> {
  const answer = await fetch("/api/categories");
  if (!answer.ok) throw new Error("The categories could not be loaded. Reload the page to try again.");
  categories.value = (await answer.json()) as Category[];
}
