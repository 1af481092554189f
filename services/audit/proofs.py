"""What rows prove about others that contradict them, or are gone: found out before anything is counted.

A key, and who else says the same, outweigh one attribute. What is proven is put in the place of what is stored, so that
one damage is one finding; the checks in `pairs.py` and `feeds.py` say it.
"""

from __future__ import annotations

# The listing, which is a key, says whose a post is; without one, all feeds that hold it, where the author is nobody.
AUTHORS = """
CREATE TABLE misattributed AS
    SELECT p.n AS post, p.author AS stored, COALESCE(
        (SELECT CASE COUNT(*) WHEN 1 THEN MAX(a.author) END
            FROM authored AS a JOIN user AS u ON u.n = a.author WHERE a.post = p.n),
        CASE WHEN o.n IS NULL THEN (
            SELECT CASE COUNT(DISTINCT f.author) WHEN 1 THEN MAX(f.author) END
            FROM feed AS f JOIN user AS u ON u.n = f.author WHERE f.post = p.n
        ) END
    ) AS proven
    FROM post AS p LEFT JOIN user AS o ON o.n = p.author
        LEFT JOIN authored AS l ON l.post = p.n AND l.author = p.author
    WHERE l.post IS NULL OR o.n IS NULL;
DELETE FROM misattributed WHERE proven IS NULL AND stored IS NOT NULL OR proven IS stored;
UPDATE post SET author = (SELECT m.proven FROM misattributed AS m WHERE m.post = n)
    WHERE n IN (SELECT post FROM misattributed WHERE proven IS NOT NULL);
CREATE INDEX post_author ON post (author, is_public);
"""

# A comment and its index key name two users: only one of them is there, or was there then.
COMMENTERS = """
CREATE TABLE mistaken AS
    SELECT c.post, c.id, c.user AS stored, c.indexed, u.n IS NOT NULL AND COALESCE(u.at <= c.at, 1) AS is_stored,
        g.n IS NOT NULL AND COALESCE(g.at <= c.at, 1) AS is_indexed
    FROM comment AS c LEFT JOIN user AS u ON u.n = c.user LEFT JOIN user AS g ON g.n = c.indexed
    WHERE c.user <> c.indexed;
UPDATE comment SET user = indexed
    WHERE (post, id) IN (SELECT post, id FROM mistaken WHERE is_indexed AND NOT is_stored);
"""

# Whether an author's posts are delivered is told by the mark; where the limit is known, by the number of followers.
MODES = """
CREATE TABLE crowded AS SELECT followee AS n FROM pair GROUP BY followee HAVING COUNT(*) > {limit};
UPDATE user SET is_pushed = n NOT IN (SELECT n FROM crowded);
"""

# Posts that are not public, or do not say, and stand in feeds. A service that hides one says when.
PUBLIC = """
CREATE TABLE delivered AS
    SELECT f.post AS post, COUNT(*) AS items
    FROM feed AS f JOIN post AS p ON p.n = f.post
        JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author JOIN user AS r ON r.n = f.reader
    WHERE p.is_public IS NOT 1 AND f.is_known AND f.reader <> p.author GROUP BY f.post;
CREATE TABLE misjudged AS
    SELECT p.n AS post, p.is_public AS stored,
        CASE
            WHEN d.items = e.readers THEN 1
            WHEN p.is_public IS NULL AND d.items IS NULL AND e.readers > 0 AND u.is_pushed THEN 0
        END AS proven
    FROM post AS p LEFT JOIN delivered AS d ON d.post = p.n LEFT JOIN user AS u ON u.n = p.author
        LEFT JOIN (
            SELECT x.followee, COUNT(*) AS readers FROM pair AS x JOIN user AS r ON r.n = x.follower
            WHERE x.follower <> x.followee GROUP BY x.followee
        ) AS e ON e.followee = p.author
    WHERE p.is_public IS NULL OR (NOT p.is_public AND d.items IS NOT NULL AND NOT p.is_changed);
DELETE FROM misjudged WHERE proven IS NULL AND stored IS NOT NULL;
UPDATE post SET is_public = (SELECT m.proven FROM misjudged AS m WHERE m.post = n)
    WHERE n IN (SELECT post FROM misjudged WHERE proven IS NOT NULL);
"""

# Who is gone is proven by two of three claims, or by content; a row that anybody could have left proves nothing.
LOST = """
CREATE TABLE lost_user AS
    SELECT l.n, SUM(claims) AS claims, SUM(posts) AS posts, SUM(comments) AS comments FROM (
        SELECT c.user AS n, 1 AS claims, 0 AS posts, 0 AS comments FROM claim AS c
            WHERE c.user IS NOT NULL AND NOT EXISTS (SELECT 1 FROM value AS v WHERE v.pk = c.pk)
        UNION ALL SELECT author, 0, 1, 0 FROM post
        UNION ALL SELECT user, 0, 0, 1 FROM comment
    ) AS l LEFT JOIN user AS u ON u.n = l.n WHERE l.n IS NOT NULL AND u.n IS NULL
    GROUP BY l.n HAVING SUM(claims) >= 2 OR SUM(posts) > 0 OR SUM(comments) > 0;
CREATE INDEX lost_user_n ON lost_user (n);
CREATE TABLE lost_post AS
    SELECT l.n, SUM(l.comments) AS comments, SUM(l.likes) AS likes, SUM(l.items) AS items, MAX(l.author) AS author,
        0 AS is_counted
    FROM (
        SELECT c.post AS n, 1 AS comments, 0 AS likes, 0 AS items, NULL AS author FROM comment AS c
            LEFT JOIN post AS p ON p.n = c.post WHERE p.n IS NULL
        UNION ALL SELECT c.post, 0, 1, 0, NULL FROM liking AS c LEFT JOIN post AS p ON p.n = c.post WHERE p.n IS NULL
        UNION ALL SELECT c.post, 0, 0, 1, NULL FROM feed AS c LEFT JOIN post AS p ON p.n = c.post WHERE p.n IS NULL
        UNION ALL SELECT c.post, 0, 0, 0, c.author FROM authored AS c JOIN user AS u ON u.n = c.author
            LEFT JOIN post AS p ON p.n = c.post WHERE p.n IS NULL
    ) AS l GROUP BY l.n;
UPDATE lost_post SET is_counted = 1 WHERE author IN (
    SELECT u.n FROM user AS u WHERE typeof(u.posts_count) = 'integer'
        AND u.posts_count > (SELECT COUNT(*) FROM post AS p WHERE p.author = u.n)
);
DELETE FROM lost_post WHERE comments = 0 AND (author IS NULL OR (likes = 0 AND items = 0 AND NOT is_counted));
CREATE INDEX lost_post_n ON lost_post (n);
CREATE TABLE lost_comment AS
    SELECT c.post, c.parent AS id, COUNT(*) AS replies FROM comment AS c
        LEFT JOIN comment AS p ON p.post = c.post AND p.id = c.parent
    WHERE c.parent IS NOT NULL AND p.id IS NULL GROUP BY c.post, c.parent;
"""
