// Files that Vite takes in beside the code.

declare module "*.css";
