import { Router } from 'express';
import { CATEGORY_RULES } from '../../incidents/category-rules.ts';
import { type Category, type CategoryFamily, referencesOf, TAXONOMY } from '../../model/taxonomy.ts';

const CATEGORIES_JSON = (Object.keys(TAXONOMY) as CategoryFamily[]).map((category) => {
  const { subcategories, ...references } = TAXONOMY[category];
  return { category, codes: subcategories.map((sub) => `ai.${category}.${sub}`), references };
});

/** What incidents are filed under, what others call it, and by which rules. */
export function taxonomyRoutes(): Router {
  const router = Router();
  router.get('/taxonomy', (_request, response) => {
    response.json({
      categories: CATEGORIES_JSON,
      rules: CATEGORY_RULES.map(({ measures, when, category }) => ({ measures, when, category })),
    });
  });
  return router;
}

/** What other taxonomies say to a code. */
export function referencesToJson(category: Category) {
  const { subcategories, ...references } = referencesOf(category);
  return references;
}
