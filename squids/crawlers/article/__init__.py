"""The crawler of articles: text and facts of news, blogs and documents."""
